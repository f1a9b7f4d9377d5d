import type { CliContext } from '../../context.ts'
import { askRebuild } from '../../session/follow.ts'
import { runPause, runResume, runTrigger } from '../loop.ts'
import { runPromote } from '../promote.ts'
import { runRestart } from '../restart.ts'
import { runRollback } from '../rollback.ts'
import { runRun } from '../run/run.ts'
import { runStart, runStop } from '../stop.ts'
import { runSwitch } from '../switch.ts'
import { type BoundCommand, bound, type Captured, captured } from './captured.ts'
import type { ActionRequest } from './request.ts'
import { notWatched, runningSession } from './session.ts'

/** Does what was asked, with the command that does it in a terminal, and waits for its end. */
export function perform(ctx: CliContext, request: ActionRequest): Promise<Captured> {
  return captured({ ...ctx, json: false }, commandOf(request))
}

function commandOf({ action, name, to }: ActionRequest): BoundCommand {
  switch (action) {
    case 'restart':
      return bound(runRestart, [name], {})
    case 'stop':
      return bound(runStop, [name], {})
    case 'start':
      return bound(runStart, [name], {})
    case 'rollback':
      return bound(runRollback, [name], typeof to === 'number' ? { to } : {})
    case 'run':
      return bound(runRun, [name], {})
    case 'rebuild':
      return (ctx) => rebuild(ctx, name)
    case 'trigger':
      return bound(runTrigger, [name], {})
    case 'pause':
      return bound(runPause, [], {})
    case 'resume':
      return bound(runResume, [], {})
    case 'promote':
      return bound(runPromote, [name], { full: false })
    case 'switch':
      return bound(runSwitch, [name, String(to)], {})
  }
}

/** Only the devk that watches can build: it knows which image is the newest. */
async function rebuild(ctx: CliContext, name: string): Promise<number> {
  const { socket, state } = await runningSession(ctx)
  if (!(await askRebuild(socket, name, ctx.signal))) throw notWatched(state, 'build', name)
  ctx.stderr.write(`${state.command} builds ${name}\n`)
  return 0
}
