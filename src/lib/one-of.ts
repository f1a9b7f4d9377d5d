/** A pattern for texts that are one of these words, each of which may be a pattern itself. Pure. */
export function oneOf(words: string, flags = ''): RegExp {
  return new RegExp(`^(?:${words.trim().split(/\s+/).join('|')})$`, flags)
}
