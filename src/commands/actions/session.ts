import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { findRecord } from '../../project/open.ts'
import { clearBackground } from '../../session/background.ts'
import type { RunningSession } from '../../session/end.ts'
import { readSession } from '../../session/follow.ts'
import { sessionSocket } from '../../session/socket.ts'
import type { SessionState } from '../../session/state.ts'
import type { ProjectRecord } from '../../state/projects.ts'

/** How long a devk may take to tell its state, milliseconds. One that is stopped tells nothing. */
const patienceMs = 5000

type Named = Pick<ProjectRecord, 'name'>

/** The devk that holds the stack; undefined if none does, or it does not answer. */
export async function findSession(ctx: CliContext): Promise<RunningSession | undefined> {
  const record = await findRecord(ctx)
  return record && sessionOf(ctx, record)
}

/** The same for the stack of a record. */
export async function sessionOf(ctx: CliContext, { name }: Named): Promise<RunningSession | undefined> {
  const socket = sessionSocket(ctx.paths.project(name).folder)
  const late = AbortSignal.timeout(patienceMs)
  const state = await readSession(socket, AbortSignal.any([ctx.signal, late])).catch((error: unknown) => {
    if (ctx.signal.aborted) throw error
    return undefined
  })
  return state && { socket, state }
}

/** The same. Throws NOT_READY if none does. Removes what one in the background has left that was killed. */
export async function runningSession(ctx: CliContext): Promise<RunningSession> {
  const record = await findRecord(ctx)
  if (record !== undefined) await tellKilled(ctx, record)
  const found = record && (await sessionOf(ctx, record))
  if (found !== undefined) return found
  throw new DevkError('NOT_READY', 'No devk watches this stack', {
    hint: 'Run devk dev, and leave it running, or devk up --detach --keep.',
  })
}

/** The error for a service that the devk which holds the stack does not watch, or does not build. Pure. */
export function notWatched(
  { command, watched }: Pick<SessionState, 'command' | 'watched'>,
  does: 'watch' | 'build',
  name: string,
): DevkError {
  return new DevkError('USAGE', `${command} does not ${does} ${name}`, {
    hint: `It watches ${watched.join(', ') || 'no service'}.`,
  })
}

/** Removes what a devk in the background has left that was killed, and says so. */
export async function tellKilled(ctx: CliContext, { name }: Named): Promise<void> {
  const killed = await clearBackground(ctx.paths.project(name), ctx.runner)
  if (killed !== undefined && !ctx.json) ctx.stderr.write(`${killed}\n`)
}
