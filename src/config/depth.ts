/** More levels than any configuration has; far fewer than what ends a function that calls itself for each level. */
export const mostLevels = 100

/** Whether a value has more than `mostLevels` levels, or contains itself. Pure. */
export function isTooDeep(value: unknown): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > mostLevels) return true
    // What several paths lead to counts once: with aliases, a short text has billions of paths.
    const inner = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []))
    level = [...new Set(inner)]
  }
  return false
}

/** The place of the first bracket that opens one level too many; undefined if levels are made by indentation. Pure. */
export function tooDeepAt(text: string): { readonly line: number; readonly column: number } | undefined {
  let depth = 0
  for (const { 0: token, index } of text.matchAll(/"(?:\\.|[^"\\\n])*"|[[{\]}]/g)) {
    if (token === '[' || token === '{') depth += 1
    else if (token === ']' || token === '}') depth -= 1
    if (depth <= mostLevels) continue
    const before = text.slice(0, index).split('\n')
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
  }
  return undefined
}
