import { engineFailure } from '../../engine/failure.ts'
import type { DevkError } from '../../errors.ts'
import { lineOfStep } from './dockerfile.ts'
import type { SolveStatus } from './solve-status.ts'

const linesKept = 15

/** Follows the steps of a build. */
export interface BuildProgress {
  /** Adds a status report of the build; calls `onLine` for each step that starts. */
  add(status: SolveStatus): void
  /** BUILD_FAILED or DISK_FULL with the failed step, its line in the Dockerfile and its last output. */
  failure(words: string, cause?: unknown): DevkError
}

/** Follows one build. The output of a step is shown only when the step fails. */
export function buildProgress(tag: string, dockerfile: string, onLine: (line: string) => void): BuildProgress {
  const names = new Map<string, string>()
  const announced = new Set<string>()
  const output = new Map<string, string>()
  let failed: { digest: string; error: string } | undefined
  return {
    add({ vertexes, logs }) {
      for (const { digest, name, started, cached, error } of vertexes) {
        const plain = withoutDevk(name)
        names.set(digest, plain)
        if (started && !announced.has(digest)) {
          announced.add(digest)
          const line = stepLine(plain)
          if (line !== undefined) onLine(cached ? `${line} (cached)` : line)
        }
        // Other running steps report that they were canceled; the first other error is the reason.
        if (error !== '' && !/context canceled$/.test(error)) failed ??= { digest, error }
      }
      for (const { vertex, text } of logs) {
        output.set(vertex, ((output.get(vertex) ?? '') + text).slice(-64_000))
      }
    },
    failure(words, cause) {
      const name = names.get(failed?.digest ?? '')
      const line = name === undefined ? undefined : lineOfStep(dockerfile, name)
      const where = line === undefined ? '' : ` (Dockerfile line ${line})`
      const step = name === undefined ? '' : ` at ${stepLine(name) ?? name}${where}`
      const last = lastLines(output.get(failed?.digest ?? '') ?? '')
      const reason = cleanWords(failed?.error ?? words)
      const details = [...last, reason]
      return engineFailure('BUILD_FAILED', `Building ${tag} failed${step}`, details, { details, cause })
    },
  }
}

/** `[build 3/5] RUN npm ci` → `step 3/5 npm ci`; undefined for internal steps of BuildKit. */
export function stepLine(name: string): string | undefined {
  const [, position, instruction] = /^\[(?:\S+ )?(\d+\/\d+)\] (.*)$/s.exec(name) ?? []
  if (position === undefined || instruction === undefined) return undefined
  return `step ${position} ${instruction.replace(/^RUN /, '').replace(/\s+/g, ' ').trim()}`
}

function withoutDevk(name: string): string {
  return name.replace(/--mount=type=secret,id=devk-ca\S* /, '')
}

function cleanWords(words: string): string {
  return words.replace(/^(ERROR: )?(failed to (build|solve)( with frontend \S+)?: )+/, '').trim()
}

/** The last lines, as a terminal shows them: a carriage return overwrites the line. Colors are removed. */
export function lastLines(text: string): string[] {
  return text
    .replaceAll(colours, '')
    .split('\n')
    .map((line) => line.trimEnd().split('\r').at(-1) ?? '')
    .filter((line) => line !== '')
    .slice(-linesKept)
}

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, 'g')
