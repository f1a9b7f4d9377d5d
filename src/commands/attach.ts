import type { CliContext, CommandFunction, NoFlags } from '../context.ts'
import { colors } from '../lib/colors.ts'
import { duration } from '../lib/text.ts'
import { sessionName } from '../session/end.ts'
import { followSession } from '../session/follow.ts'
import type { SessionEntry, SessionState } from '../session/state.ts'
import { writeText } from '../terminal/output.ts'
import { runningSession } from './actions/session.ts'

/**
 * `devk attach`: shows what the devk that holds the stack does, from its beginning, until it ends or the user leaves
 * with Ctrl-C. With --json an object a line. Throws NOT_READY if none runs.
 */
export const runAttach: CommandFunction<NoFlags> = async (ctx) => {
  const { socket, state } = await runningSession(ctx)
  if (!ctx.json) ctx.stderr.write(`${headOf(state, ctx.clock())}\n`)
  const over = new AbortController()
  const reader = {
    state(now: SessionState | undefined) {
      // A later one, of another command, is not what the user has attached to.
      if (now === undefined || now.pid !== state.pid) over.abort()
    },
    entries({ entries }: { readonly entries: readonly SessionEntry[] }) {
      if (!over.signal.aborted) void writeText(ctx.stdout, entries.map((entry) => lineOf(entry, ctx)).join(''))
    },
  }
  await followSession(socket, reader, AbortSignal.any([ctx.signal, over.signal]))
  if (ctx.signal.aborted) return 130
  if (!ctx.json) ctx.stderr.write(`${state.command} has ended. The stack stays up.\n`)
  return 0
}

/** What runs, and what the user can do. */
function headOf(state: SessionState, now: number): string {
  const { phase, watched, paused } = state
  const phases = { starting: 'the stack comes up', up: 'the stack is up', failed: 'the stack is not up' }
  const facts = [
    `runs for ${duration(Math.max(0, now - Date.parse(state.since)))}`,
    phases[phase],
    ...(watched.length === 0 ? [] : [`watches ${watched.join(', ')}`]),
    ...(paused ? ['paused'] : []),
    ...(state.background ? ['in the background'] : []),
  ]
  return `${sessionName(state)}: ${facts.join(', ')}. Ctrl-C leaves it running; devk stop ends it.`
}

/** A line as the devk that runs shows it. */
function lineOf(entry: SessionEntry, { json, color }: Pick<CliContext, 'json' | 'color'>): string {
  if (json) return `${JSON.stringify(entry)}\n`
  const paint = colors(color)
  const time = new Date(entry.time).toTimeString().slice(0, 8)
  return `${paint.dim(time)} ${paint.cyan((entry.service ?? 'devk').padEnd(9))} ${entry.text}\n`
}
