import type { Flags } from '../choices.ts'
import type { Unit } from '../deploy/unit.ts'

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
  /** What it takes out of what is deployed, and puts there: it can be given after another answer about the rest. */
  readonly swap?: Swap
}

/** Units that take the place of others. */
export interface Swap {
  readonly out: readonly Place[]
  readonly in: readonly Place[]
}

/** A unit as the flags name it. */
type Place = Pick<Unit, 'kind' | 'path'>
const flagOf = { manifests: 'manifests', kustomize: 'kustomize', helm: 'chart' } as const

/** Flags with those of an answer: it replaces what is deployed as a whole, and adds to the images. Pure. */
export function withAnswer(flags: Flags, { flags: own, swap }: Answer): Flags {
  if (swap?.out.some((place) => isNamed(flags, place))) return swapped(flags, swap)
  const image = [...(flags.image ?? []), ...(own.image ?? [])]
  return { ...flags, ...own, ...(image.length === 0 ? {} : { image }) }
}

/** Whether a question about variants is still open after an answer that names what is deployed. Pure. */
export function staysOpen({ answers }: Question, flags: Flags): boolean {
  return answers.some(({ swap }) => swap?.out.some((place) => isNamed(flags, place)) === true)
}

function isNamed(flags: Flags, { kind, path }: Place): boolean {
  return flags[flagOf[kind]]?.includes(path) === true
}

function swapped(flags: Flags, { out, in: more }: Swap): Flags {
  const of = (kind: Unit['kind']) => {
    const [gone, added] = [out, more].map((places) => places.filter((each) => each.kind === kind).map((p) => p.path))
    return [...(flags[flagOf[kind]] ?? []).filter((path) => !gone?.includes(path)), ...(added ?? [])]
  }
  return { ...flags, manifests: of('manifests'), kustomize: of('kustomize'), chart: of('helm') }
}
