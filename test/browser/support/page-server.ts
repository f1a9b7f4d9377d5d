import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { SessionState, UiChange, UiLine, UiState } from '../../../src/commands/ui/api.ts'
import { routes } from '../../../src/commands/ui/routes.ts'
import { cell } from '../../../src/logs/view.ts'
import { history } from '../../../src/ui/history.ts'
import { pageServer } from '../../../src/ui/server.ts'
import { bell } from '../../../src/ui/sse.ts'

/** The server of `devk ui` with the real page and API, fed by the test in place of a cluster. */
export interface FedServer {
  readonly url: string
  readonly api: string
  readonly token: string
  show(state: UiState): void
  /** A devk holds the stack, or (null) none does. */
  hold(session: SessionState | null): void
  log(...lines: readonly UiLine[]): void
}

/** Starts it until the end of the test. `npm run build` has built the page. */
export async function fedServer(first: UiState, limits = { items: 20_000, size: 16_000_000 }): Promise<FedServer> {
  const stop = new AbortController()
  const state = cell(first)
  const session = cell<SessionState | null>(null)
  const changes = history<UiChange>({ items: 500, size: 500 })
  const lines = history<UiLine>(limits)
  const rings = bell()
  const api = routes({
    observed: { state, changes, rings, project: cell(undefined) },
    logs: { lines, rings, begin() {} },
    session,
    run: 'ab12',
    signal: stop.signal,
  })
  const { server, address } = await pageServer({ folder: 'dist/web', api })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    stop.abort()
    server.close()
    server.closeAllConnections()
  })
  return {
    ...address(),
    show(next) {
      state.set(next)
      rings.ring()
    },
    hold(next) {
      session.set(next)
      rings.ring()
    },
    log(...more) {
      for (const line of more) lines.add(line, line.text.length)
      rings.ring()
    },
  }
}
