import type { CliContext, CommandFunction, NoFlags } from '../context.ts'
import { DevkError } from '../errors.ts'
import { count } from '../lib/text.ts'
import { askPause, askTrigger } from '../session/follow.ts'
import { notWatched, runningSession } from './actions/session.ts'

/** `devk trigger SERVICE`: sends what was saved of a service and waits. Throws NOT_READY if no devk runs, and USAGE. */
export const runTrigger: CommandFunction<NoFlags> = async (ctx, [service = '']) => {
  const { socket, state } = await runningSession(ctx)
  const done = await askTrigger(socket, service, ctx.signal)
  if (done === 'unknown') throw notWatched(state, 'watch', service)
  ctx.stderr.write(done === 'sent' ? `${state.command} sends ${service}\n` : `Nothing of ${service} waits\n`)
  return 0
}

/** `devk pause`: saves wait from now on. Throws NOT_READY if no devk watches. */
export const runPause: CommandFunction<NoFlags> = async (ctx) => {
  const { command } = (await asked(ctx, 'pause')).state
  ctx.stderr.write(`${command} is paused: saves wait until devk resume\n`)
  return 0
}

/** `devk resume`: what was saved meanwhile is sent as one save. Throws NOT_READY if no devk watches. */
export const runResume: CommandFunction<NoFlags> = async (ctx) => {
  const { state } = await asked(ctx, 'resume')
  const files = state.waiting.reduce((sum, each) => sum + each.files, 0)
  ctx.stderr.write(`${state.command} goes on${files === 0 ? '' : `: ${count(files, 'file')} waited`}\n`)
  return 0
}

async function asked(ctx: CliContext, what: 'pause' | 'resume') {
  const session = await runningSession(ctx)
  if (await askPause(session.socket, what, ctx.signal)) return session
  throw new DevkError('NOT_READY', `${session.state.command} watches nothing yet`, {
    hint: 'It watches as soon as the stack is up, unless it runs with --no-watch.',
  })
}
