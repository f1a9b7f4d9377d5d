import { posix } from 'node:path'
import { type Instruction, instructions } from '../build/dockerfile.ts'

/** Files that an image takes from its build context. */
export interface Copy {
  readonly sources: readonly string[]
  /** As written, with variables filled in. */
  readonly to: string
  readonly workdir: string
}

/** What the last stage of a Dockerfile, and the stages that it starts from, say about a container. */
export interface ImageFacts {
  /** The image that the first of these stages starts from. */
  readonly base: string
  readonly workdir: string
  readonly copies: readonly Copy[]
  readonly runs: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** What a container runs: its entry point and command. undefined where the base image says it. */
  readonly command: readonly string[] | undefined
  /** Whether it has an entry point, to which arguments would be passed. */
  readonly hasEntry: boolean
  /** The ports that EXPOSE names. */
  readonly ports: readonly number[]
  /** Whether the command is a line for a shell that needs one. */
  readonly needsShell: boolean
}

interface Stage {
  readonly name: string | undefined
  readonly base: string
  readonly steps: Instruction[]
}

/** The facts of a target, by default of the last stage; undefined if there is none. Pure. */
export function imageFacts(text: string, target?: string): ImageFacts | undefined {
  const stages = stagesOf(text)
  const wanted = target?.toLowerCase()
  const last = wanted === undefined ? stages.length - 1 : stages.findLastIndex(({ name }) => name === wanted)
  const chain = chainTo(stages, last)
  const first = chain[0]
  if (first === undefined) return undefined
  const env: Record<string, string> = {}
  const copies: Copy[] = []
  const runs: string[] = []
  const ports = new Set<number>()
  let workdir = '/'
  let [entry, command]: (Command | undefined)[] = []
  const steps = chain.flatMap((stage) => stage.steps.map((step) => ({ ...step, stage })))
  let commandStage: Stage | undefined
  for (const { keyword, text: rest, stage } of steps) {
    if (keyword === 'ENV' || keyword === 'ARG') Object.assign(env, variablesIn(rest))
    if (keyword === 'WORKDIR') workdir = posix.resolve(workdir, filled(rest, env))
    if (keyword === 'RUN') runs.push(rest)
    if ((keyword === 'COPY' || keyword === 'ADD') && !/--from=|<</.test(rest)) {
      const words = wordsOf(rest.replace(/^(--\S+\s+)*/, '')).map((word) => filled(word, env))
      copies.push({ sources: words.slice(0, -1), to: words.at(-1) ?? '', workdir })
    }
    if (keyword === 'EXPOSE') for (const port of portsIn(filled(rest, env))) ports.add(port)
    // It takes away the command of what its stage starts from, and keeps that of the stage itself.
    if (keyword === 'ENTRYPOINT') [entry, command] = [commandOf(rest), commandStage === stage ? command : undefined]
    if (keyword === 'CMD') [command, commandStage] = [commandOf(rest), stage]
  }
  const all = [...(entry?.words ?? []), ...(command?.words ?? [])]
  const needsShell = entry?.needsShell === true || command?.needsShell === true
  const program = { command: all.length === 0 ? undefined : all, hasEntry: entry !== undefined, needsShell }
  return { base: first.base, workdir, copies, runs, env, ports: [...ports], ...program }
}

/** The TCP ports that EXPOSE names. */
function portsIn(text: string): number[] {
  const words = text.split(/\s+/).filter((word) => /^\d{1,5}(\/tcp)?$/i.test(word))
  return words.map((word) => Number.parseInt(word, 10)).filter((port) => port > 0 && port < 65_536)
}

/** The stages of a Dockerfile by which people develop. Pure. */
export function developmentStages(text: string): string[] {
  return stagesOf(text).flatMap(({ name }) =>
    name !== undefined && /^(dev|development|local|watch)$/.test(name) ? name : [],
  )
}

function stagesOf(text: string): Stage[] {
  const stages: Stage[] = []
  const args: Record<string, string> = {}
  for (const step of instructions(text)) {
    if (step.keyword === 'ARG' && stages.length === 0) Object.assign(args, variablesIn(step.text))
    if (step.keyword !== 'FROM') stages.at(-1)?.steps.push(step)
    else {
      const [base = '', as = '', name] = step.text.split(/\s+/).filter((word) => !word.startsWith('--'))
      stages.push({ base: filled(base, args), name: /^as$/i.test(as) ? name?.toLowerCase() : undefined, steps: [] })
    }
  }
  return stages
}

/** A stage and those that it starts from, the first one first. */
function chainTo(stages: readonly Stage[], index: number): Stage[] {
  const stage = stages[index]
  if (stage === undefined) return []
  const before = stages.slice(0, index).findLastIndex(({ name }) => name === stage.base.toLowerCase())
  return before < 0 ? [stage] : [...chainTo(stages, before), stage]
}

interface Command {
  readonly words: readonly string[]
  readonly needsShell: boolean
}

function commandOf(text: string): Command {
  if (text.startsWith('[')) return { words: wordsOf(text), needsShell: false }
  return {
    words: text.replace(/^exec\s+/, '').split(/\s+/),
    needsShell: /[&|;<>$`"'()*\\]/.test(text) || /^\w+=/.test(text),
  }
}

function wordsOf(text: string): string[] {
  if (!text.startsWith('[')) return text.split(/\s+/).filter((word) => word !== '')
  try {
    return (JSON.parse(text) as unknown[]).map(String)
  } catch {
    return []
  }
}

function variablesIn(text: string): Record<string, string> {
  const old = /^(\w+)\s+([^=]+)$/.exec(text)
  if (old !== null) return { [old[1] ?? '']: old[2] ?? '' }
  const pairs = [...text.matchAll(/(\w+)=("[^"]*"|'[^']*'|\S*)/g)]
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value.replace(/^["']|["']$/g, '')]))
}

/** A text with its variables filled in; those that are not known stay. */
function filled(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})/g,
    (whole, bare?: string, braced?: string, other?: string) => {
      return env[bare ?? braced ?? ''] ?? other ?? whole
    },
  )
}
