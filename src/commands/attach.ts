import type { CliContext, CommandFunction, NoFlags } from '../context.ts'
import { DevkError } from '../errors.ts'
import { colors } from '../lib/colors.ts'
import { duration } from '../lib/text.ts'
import { endSession, sessionName } from '../session/end.ts'
import { followSession } from '../session/follow.ts'
import type { SessionEntry, SessionState } from '../session/state.ts'
import { writeJson, writeText } from '../terminal/output.ts'
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

/**
 * `devk stop`: ends the devk that holds the stack, with its forwards and the watching of sources. The stack stays up.
 * Throws NOT_READY if none runs or it does not end.
 */
export const runStop: CommandFunction<NoFlags> = async (ctx) => {
  const running = await runningSession(ctx)
  const { state } = running
  if (!(await endSession(running, 'stop', ctx.signal))) {
    throw new DevkError('NOT_READY', `${sessionName(state)} brings the stack up and cannot be stopped yet`, {
      hint: `Wait until the stack is up, or press Ctrl-C where it runs.`,
    })
  }
  const { command, pid } = state
  if (ctx.json) await writeJson(ctx.stdout, { ended: { command, pid } })
  else ctx.stderr.write(`${command} has ended. The stack stays up; devk down removes it.\n`)
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
