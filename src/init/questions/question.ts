import type { Flags } from '../choices.ts'

/** Something that the repository leaves open. */
export interface Question {
  readonly text: string
  /** The first one is what devk guesses. */
  readonly answers: readonly Answer[]
  /** The notes that an answer settles. */
  readonly notes: readonly string[]
}

/** An answer, as the flags of `devk init` that say the same; the guess needs none. */
export interface Answer {
  readonly text: string
  readonly flags: Flags
}

/** Flags with those of an answer: it replaces what is deployed as a whole, and adds to the images. Pure. */
export function withAnswer(flags: Flags, { flags: own }: Answer): Flags {
  const image = [...(flags.image ?? []), ...(own.image ?? [])]
  return { ...flags, ...own, ...(image.length === 0 ? {} : { image }) }
}
