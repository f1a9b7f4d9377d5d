import type { Readable } from 'node:stream'
import { DevkError } from '../errors.ts'
import type { PodRef, PodStreams } from '../kube/api.ts'
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
