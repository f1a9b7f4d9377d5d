import type { CliContext, CommandFunction, NoFlags } from '../context.ts'
import { DevkError } from '../errors.ts'
import { planStart, planStop } from '../release/stop.ts'
import { endSession, sessionName } from '../session/end.ts'
import { writeJson } from '../terminal/output.ts'
import { runningSession } from './actions/session.ts'
import { changeWorkloads } from './change-workloads.ts'

/** Flags of `devk start`. */
export interface StartFlags {
  /** Milliseconds. */
  readonly timeout?: number
}

/**
 * `devk stop [service…]`: ends the pods of services. Without a service it ends the devk that holds the stack, with its
 * forwards and the watching of sources, and the stack stays up. Throws NOT_READY if none runs or it does not end, and
 * what `planStop` throws.
 */
export const runStop: CommandFunction<NoFlags> = (ctx, services) =>
  services.length === 0 ? stopSession(ctx) : stopServices(ctx, services)

/** `devk start service…`: gives stopped services their pods, and waits until they are ready. Throws NOT_READY. */
export const runStart: CommandFunction<StartFlags> = async (ctx, services, { timeout }) => {
  const started = await changeWorkloads(ctx, services, planStart, timeout)
  if (ctx.json) await writeJson(ctx.stdout, { started })
  else ctx.stderr.write(started.length === 0 ? 'Nothing of it is stopped.\n' : `started ${started.join(', ')}\n`)
  return 0
}

async function stopServices(ctx: CliContext, services: readonly string[]): Promise<number> {
  const stopped = await changeWorkloads(ctx, services, planStop)
  if (ctx.json) await writeJson(ctx.stdout, { stopped })
  else if (stopped.length === 0) ctx.stderr.write('All of it is stopped already.\n')
  else ctx.stderr.write(`stopped ${stopped.join(', ')}. devk start or devk up starts it again.\n`)
  return 0
}

async function stopSession(ctx: CliContext): Promise<number> {
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
