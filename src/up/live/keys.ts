import type { CliContext } from '../../context.ts'
import type { KeyCommands } from '../options.ts'

export interface LiveKeys {
  /** Whether the logs are shown now. */
  logsShown(): boolean
  /** As the loop's first line tells them. */
  readonly hint: string
}

export interface LiveKeysOptions {
  readonly commands: KeyCommands
  /** What `o` opens; undefined when nothing has a URL. */
  readonly url: string | undefined
  leave(): void
  /** Tells what a key did, or what went wrong. */
  say(text: string): void
  readonly signal: AbortSignal
}

const interrupt = '\u0003'

/**
 * Single keys while the loop runs on a terminal: l hides and shows the logs, s prints the status, r restarts all services, o opens
 * the first URL, q leaves the stack running. What goes wrong in one of them is told, and the loop goes on.
 */
export function liveKeys(ctx: CliContext, { commands, url, leave, say, signal }: LiveKeysOptions): LiveKeys {
  let shown = true
  const actions: Readonly<Record<string, () => unknown>> = {
    l: () => {
      shown = !shown
    },
    s: () => commands.status(ctx),
    r: () => commands.restart(ctx),
    o: () => {
      say(url === undefined ? 'nothing here has a URL' : `opening ${url}`)
      return url && commands.open(ctx, url)
    },
    q: leave,
    // A terminal that gives single keys makes no signal of this one.
    [interrupt]: () => process.kill(process.pid, 'SIGINT'),
  }
  const { stdin } = ctx
  const onData = (typed: Buffer | string) => {
    for (const key of String(typed)) {
      const action = actions[key.toLowerCase()]
      Promise.resolve(action?.()).catch((error: unknown) => {
        if (!signal.aborted) say(error instanceof Error ? error.message : String(error))
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
  return { logsShown: () => shown, hint: 'l logs  s status  r restart  o open  q leave it running' }
}
