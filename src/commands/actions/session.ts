import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { findRecord } from '../../project/open.ts'
import { readSession } from '../../session/follow.ts'
import { sessionSocket } from '../../session/socket.ts'
import type { SessionState } from '../../session/state.ts'

/** A running devk, and where it listens. */
export interface RunningSession {
  readonly socket: string
  readonly state: SessionState
}

/** The devk that holds the stack; undefined if none does. */
export async function findSession(ctx: CliContext): Promise<RunningSession | undefined> {
  const record = await findRecord(ctx)
  if (record === undefined) return undefined
  const socket = sessionSocket(ctx.paths.project(record.name).folder)
  const state = await readSession(socket, ctx.signal)
  return state && { socket, state }
}

/** The same. Throws NOT_READY if none does. */
export async function runningSession(ctx: CliContext): Promise<RunningSession> {
  const found = await findSession(ctx)
  if (found !== undefined) return found
  throw new DevkError('NOT_READY', 'No devk watches this stack', { hint: 'Run devk dev, and leave it running.' })
}
