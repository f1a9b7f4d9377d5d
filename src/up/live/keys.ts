import type { CliContext } from '../../context.ts'
import { messageOf } from '../../lib/text.ts'
import type { LoopControl } from '../../loop/control.ts'
import type { PageAddress } from '../../session/state.ts'
import type { KeyCommands } from '../options.ts'
import { interrupt, typedKeys } from './typed-keys.ts'

/** The keys while they are active. */
export interface LiveKeys {
  /** Whether logs are shown. */
  logsShown(): boolean
  /** The list of keys, for the first line of the loop. */
  readonly hint: string
}

/** What the keys act on. */
export interface LiveKeysOptions {
  readonly commands: KeyCommands
  /** What `o` opens; undefined when no service has a URL. */
  readonly url: string | undefined
  /** Serves the page, or tells where it is. */
  page(): Promise<PageAddress>
  /** The output of the last command that failed after a sync; undefined when there is none. */
  lastFailure(): string | undefined
  /** The loop; undefined while nothing is watched. */
  control(): LoopControl | undefined
  /** Ends the loop and leaves the stack running. */
  leave(): void
  /** Prints what a key did, or what went wrong. */
  say(text: string): void
  readonly signal: AbortSignal
}

/** What the terminal shows while saves wait. */
export const pausedText = 'paused: saves wait until p or devk resume'

/** Makes a terminal mark what is pasted; see bracketed paste in the xterm documentation. */
const markPastes = (on: boolean) => `\u001b[?2004${on ? 'h' : 'l'}`

/**
 * Handles single keys while the loop runs on a terminal, until the signal: l hides and shows the logs, s prints the
 * status, r restarts all services, p pauses the loop and resumes it, o opens the first URL, w the page of `devk ui`, e
 * prints the output of the command that failed last, q ends devk and leaves the stack running. A failure of one of them
 * is printed, and the loop continues.
 */
export function liveKeys(ctx: CliContext, options: LiveKeysOptions): LiveKeys {
  const { commands, url, leave, say, signal } = options
  let shown = true
  const openPage = async () => {
    const { url: address } = await options.page()
    say(`opening ${address}`)
    await commands.open(ctx, address)
  }
  const actions: Readonly<Record<string, () => unknown>> = {
    l: () => {
      shown = !shown
    },
    s: () => commands.status(ctx),
    r: () => commands.restart(ctx),
    p: () => {
      const control = options.control()
      if (control === undefined) say('nothing is watched yet')
      else if (control.isPaused()) control.resume()
      else control.pause()
    },
    o: () => {
      say(url === undefined ? 'no service has a URL' : `opening ${url}`)
      return url && commands.open(ctx, url)
    },
    w: openPage,
    e: () => say(options.lastFailure() ?? 'no command has failed'),
    q: leave,
    // A terminal in raw mode does not turn Ctrl-C into a signal.
    [interrupt]: () => process.kill(process.pid, 'SIGINT'),
  }
  const { stdin, screen } = ctx
  const keysOf = typedKeys()
  const onData = (typed: Buffer | string) => {
    for (const key of keysOf(String(typed), performance.now())) {
      const action = actions[key.toLowerCase()]
      Promise.resolve(action?.()).catch((error: unknown) => {
        if (!signal.aborted) say(messageOf(error))
      })
    }
  }
  stdin.setRawMode?.(true)
  screen.write(markPastes(true))
  stdin.on('data', onData)
  stdin.resume()
  signal.addEventListener(
    'abort',
    () => {
      stdin.off('data', onData)
      screen.write(markPastes(false))
      stdin.setRawMode?.(false)
      stdin.pause()
    },
    { once: true },
  )
  const hint = 'l logs  s status  r restart  p pause  o open  w page  e last failure  q leave it running'
  return { logsShown: () => shown, hint }
}
