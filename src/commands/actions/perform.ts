import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { askRebuild } from '../../session/follow.ts'
import { runRestart } from '../restart.ts'
import { runRollback } from '../rollback.ts'
import { runRun } from '../run/run.ts'
import { type BoundCommand, bound, type Captured, captured } from './captured.ts'
import type { ActionRequest } from './request.ts'
import { runningSession } from './session.ts'

/** Does what was asked, with the command that does it in a terminal, and waits for its end. */
export function perform(ctx: CliContext, request: ActionRequest): Promise<Captured> {
  return captured({ ...ctx, json: false }, commandOf(request))
}

function commandOf({ action, name, to }: ActionRequest): BoundCommand {
  switch (action) {
    case 'restart':
      return bound(runRestart, [name], {})
    case 'rollback':
      return bound(runRollback, [name], to === undefined ? {} : { to })
    case 'run':
      return bound(runRun, [name], {})
    case 'rebuild':
      return (ctx) => rebuild(ctx, name)
  }
}

/** Only the devk that watches can build: it knows which image is the newest. */
async function rebuild(ctx: CliContext, name: string): Promise<number> {
  const { socket, state } = await runningSession(ctx)
  if (!(await askRebuild(socket, name, ctx.signal))) {
    throw new DevkError('USAGE', `${state.command} does not build ${name}`, {
      hint: `It watches ${state.watched.join(', ') || 'no service'}.`,
    })
  }
  ctx.stderr.write(`${state.command} builds ${name}\n`)
  return 0
}
