import type { CliContext } from '../../context.ts'
import { interleaved } from '../../lib/streams/interleaved.ts'
import { followLogs, type LogQuery } from '../../logs/follow.ts'
import { readLogs } from '../../logs/read.ts'
import type { LogLine } from '../../logs/record.ts'
import type { OpenProject } from '../../project/open.ts'
import { followLocalLines, type LineHere, type LocalQuery, readLocalLines } from '../../session/local-lines.ts'
import { findSession } from '../actions/session.ts'

/** A line of a container, or of a program of this machine. */
export type AnyLine = LogLine | LineHere

/** Where lines come from. */
export interface LineSources {
  /** undefined: pods are not asked. */
  readonly pods: { readonly project: Pick<OpenProject, 'kube' | 'streams'>; readonly query: LogQuery } | undefined
  /** undefined: no devk runs programs that were asked for. */
  readonly locals: { readonly socket: string; readonly query: LocalQuery } | undefined
}

/** The programs of this machine that a devk runs beside the stack. */
export interface RunningPrograms {
  readonly socket: string
  readonly names: readonly string[]
}

/** The programs that the devk which holds the stack runs; none if no devk does. */
export async function runningPrograms(ctx: CliContext): Promise<RunningPrograms> {
  const held = await findSession(ctx)
  // An older devk has no such programs.
  return { socket: held?.socket ?? '', names: held?.state.locals?.map(({ name }) => name) ?? [] }
}

/** The present lines of these sources, oldest first. Throws KUBE_API. */
export async function* presentLines({ pods, locals }: LineSources): AsyncGenerator<AnyLine> {
  const others = locals === undefined ? [] : await readLocalLines(locals.socket, locals.query)
  if (pods === undefined) yield* others
  else yield* readLogs(pods.project, pods.query, others)
}

/** The lines of these sources as they come, until the signal. Throws KUBE_API. */
export function followedLines({ pods, locals }: LineSources, outer: AbortSignal): AsyncGenerator<AnyLine> {
  const start = (signal: AbortSignal): AsyncIterable<AnyLine>[] => [
    ...(pods === undefined ? [] : [followLogs(pods.project, { ...pods.query, signal })]),
    ...(locals === undefined ? [] : [followLocalLines(locals.socket, { ...locals.query, signal })]),
  ]
  return interleaved(start, outer)
}
