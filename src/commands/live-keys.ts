import type { CliContext } from '../cli/context.ts'
import { runRestart } from './restart.ts'
import { runStatus } from './status.ts'

export interface LiveKeys {
  /** Whether the logs are shown now. */
  logsShown(): boolean
  /** As the loop's first line tells them. */
  readonly hint: string
}

const interrupt = '\u0003'

/**
 * Single keys while the loop runs on a terminal: l hides and shows the logs, s prints the status, r restarts all services, q leaves
 * the stack running. What goes wrong in one of them is told by `onProblem`, and the loop goes on.
 */
export function liveKeys(
  ctx: CliContext,
  { leave, onProblem, signal }: { leave(): void; onProblem(text: string): void; signal: AbortSignal },
): LiveKeys {
  let shown = true
  const actions: Readonly<Record<string, () => unknown>> = {
    l: () => {
      shown = !shown
    },
    s: () => runStatus(ctx, [], {}),
    r: () => runRestart(ctx, [], {}),
    q: leave,
    // A terminal that gives single keys makes no signal of this one.
    [interrupt]: () => process.kill(process.pid, 'SIGINT'),
  }
  const { stdin } = ctx
  const onData = (typed: Buffer | string) => {
    for (const key of String(typed)) {
      const action = actions[key.toLowerCase()]
      Promise.resolve(action?.()).catch((error: unknown) => {
        if (!signal.aborted) onProblem(error instanceof Error ? error.message : String(error))
      })
    }
  }
  stdin.setRawMode?.(true)
  stdin.on('data', onData)
  stdin.resume()
  signal.addEventListener(
    'abort',
    () => {
      stdin.off('data', onData)
      stdin.setRawMode?.(false)
      stdin.pause()
    },
    { once: true },
  )
  return { logsShown: () => shown, hint: 'l logs  s status  r restart  q leave it running' }
}
