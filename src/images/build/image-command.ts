import { neededStages, type Stage } from './stages.ts'

/** What a container of an image runs, without the expansion of variables. */
export interface ImageCommand {
  readonly entry: readonly string[]
  /** The arguments that those of a container replace. */
  readonly args: readonly string[]
}

/** The parts of a build that decide what its Dockerfile means. */
export interface CommandBuild {
  readonly target?: string | undefined
  readonly args: Readonly<Record<string, string>>
  /** More contexts by name: they take the place of stages and images. */
  readonly contexts: Readonly<Record<string, unknown>>
}

/**
 * The ENTRYPOINT and CMD of the image that a Dockerfile makes; undefined where the Dockerfile alone does not say it:
 * the base image has the ENTRYPOINT, or a line is for the shell of the base image. Pure.
 */
export function imageCommand(dockerfile: string, { target, args, contexts }: CommandBuild): ImageCommand | undefined {
  const chain = chainOf(neededStages(dockerfile, args, target).stages)
  const isReplaced = (name: string) => Object.keys(contexts).some((each) => each.toLowerCase() === name.toLowerCase())
  if (chain.some(({ name, base }) => base === undefined || [base, name ?? ''].some(isReplaced))) return undefined
  const isEmpty = chain[0]?.base?.toLowerCase() === 'scratch'
  let entry: readonly string[] | undefined = isEmpty ? [] : undefined
  let command: readonly string[] | undefined = isEmpty ? [] : undefined
  for (const { steps } of chain) {
    let isOwn = false
    for (const { keyword, text } of steps) {
      if (keyword === 'CMD') {
        command = words(text)
        isOwn = true
      }
      if (keyword !== 'ENTRYPOINT') continue
      entry = words(text)
      // An ENTRYPOINT takes away the CMD of what the stage starts from.
      if (!isOwn) command = []
    }
  }
  return entry === undefined || command === undefined ? undefined : { entry, args: command }
}

/** The last of these stages and those that it starts from, the first one first. */
function chainOf(stages: readonly Stage[]): readonly Stage[] {
  const last = stages.at(-1)
  if (last === undefined) return []
  const before = stages
    .slice(0, -1)
    .findLastIndex(({ name }) => name !== undefined && name === last.base?.toLowerCase())
  return [...(before < 0 ? [] : chainOf(stages.slice(0, before + 1))), last]
}

/** The words of a list; undefined for a line, which the shell of the image runs. */
function words(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : undefined
  } catch {
    return undefined
  }
}
