import type { Readable } from 'node:stream'
import { DevkError } from '../errors.ts'
import type { PodRef, PodStreams } from '../kube/api.ts'
import { isRecord } from '../lib/record.ts'
import { runInContainer } from '../sync/in-container.ts'

/** A container in which a program is debugged. */
export interface Place {
  readonly pod: PodRef
  readonly container: string
}

/** Runs a program in a container; undefined if the container has no such program. */
export type RunProgram = (
  place: Place,
  argv: readonly string[],
  signal: AbortSignal,
  stdin?: Readable,
) => Promise<{ readonly exitCode: number; readonly output: string } | undefined>

/** Runs programs through the API server. It throws KUBE_API if that does not answer. */
export function programRunner(streams: Pick<PodStreams, 'exec'>): RunProgram {
  return async ({ pod, container }, argv, signal, stdin) => {
    const target = { service: '', pod, container, containerId: '', node: '' }
    try {
      const ran = await runInContainer(streams, target, { argv, ...(stdin && { stdin }) }, signal)
      // Some runtimes answer as a shell does.
      return ran.exitCode === 126 || ran.exitCode === 127 ? undefined : ran
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof DevkError && isMissing(error.message)) return undefined
      throw error
    }
  }
}

/** What container runtimes say about a program that they do not find. */
function isMissing(message: string): boolean {
  return /executable file not found|no such file or directory|not a directory|permission denied/.test(message)
}

/**
 * The first of these programs that the container has, with what it reports about itself; undefined if it has none of
 * them. Throws what `ask` throws.
 */
export async function firstReport<Report>(
  programs: readonly string[],
  ask: (program: string) => Promise<Report | undefined>,
): Promise<{ readonly program: string; readonly report: Report } | undefined> {
  for (const program of programs) {
    const report = await ask(program)
    if (report !== undefined) return { program, report }
  }
  return undefined
}

/** What a script or program of devk has reported: the object behind `devk:`; undefined if there is none. Pure. */
export function reportIn(output: string): Record<string, unknown> | undefined {
  const line = output.split('\n').find((each) => each.startsWith('devk:{'))
  try {
    const value: unknown = JSON.parse(line?.slice(5) ?? '')
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
