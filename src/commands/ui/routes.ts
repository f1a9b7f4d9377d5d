import type { IncomingMessage } from 'node:http'
import type { Cell } from '../../logs/view.ts'
import type { SessionState } from '../../session/state.ts'
import { type Answer, sendJson } from '../../ui/server.ts'
import { historyReader, latestReader, placesOf, streamEvents } from '../../ui/sse.ts'
import type {
  UiChange,
  UiChanges,
  UiDoctor,
  UiHappening,
  UiHappenings,
  UiLine,
  UiLines,
  UiReleases,
  UiSample,
  UiSamples,
} from './api.ts'
import type { LogFeed } from './log-feed.ts'
import type { Observed } from './observe.ts'
import type { Telemetry } from './telemetry.ts'
import { telemetryRoutes } from './telemetry-routes.ts'
import type { Timeline } from './timeline.ts'
import type { UsageFeed } from './usage.ts'

/** What the API reads from. */
export interface RouteDeps {
  readonly observed: Observed
  readonly logs: LogFeed
  readonly happened: Timeline
  readonly usage: Pick<UsageFeed, 'samples' | 'rings'>
  /** Reads the revisions of all services. */
  readonly releases: () => Promise<UiReleases>
  readonly telemetry: Telemetry
  /** Examines this machine. */
  readonly doctor: () => Promise<UiDoctor>
  /** The devk that holds the stack; null when none runs. A change of it rings the bell of `observed`. */
  readonly session: Cell<SessionState | null>
  /** Hexadecimal name of this run of the server; see `placesOf`. */
  readonly run: string
  readonly signal: AbortSignal
}

/** The API by path. docs/api/ui.v1.yaml describes it. */
export function routes(deps: RouteDeps): Readonly<Record<string, Answer>> {
  const { observed, logs, happened, usage, releases, session, run, signal } = deps
  const places = placesOf(run)
  return {
    '/api/v1/state': (_request, response) => sendJson(response, observed.state.get()),
    '/api/v1/session': (_request, response) => sendJson(response, session.get()),
    '/api/v1/releases': async (_request, response) => sendJson(response, await releases()),
    '/api/v1/doctor': async (_request, response) => sendJson(response, await deps.doctor()),
    ...telemetryRoutes(deps.telemetry),
    '/api/v1/events': (request, response) => {
      const states = latestReader('state', observed.state.get)
      const sessions = latestReader('session', session.get)
      const changes = historyReader(observed.changes, {
        name: 'changes',
        places,
        lastEventId: lastEventId(request),
        most: 500,
        data: (items: readonly UiChange[], missed): UiChanges => ({ changes: items, missed }),
      })
      return streamEvents(response, { readers: [states, sessions, changes], rings: observed.rings, signal })
    },
    '/api/v1/logs': (request, response) => {
      logs.begin()
      const lines = historyReader(logs.lines, {
        name: 'lines',
        places,
        lastEventId: lastEventId(request),
        most: 500,
        data: (items: readonly UiLine[], missed): UiLines => ({ lines: items, missed }),
      })
      return streamEvents(response, { readers: [lines], rings: logs.rings, signal })
    },
    '/api/v1/metrics': (request, response) => {
      const samples = historyReader(usage.samples, {
        name: 'samples',
        places,
        lastEventId: lastEventId(request),
        most: 100,
        data: (items: readonly UiSample[], missed): UiSamples => ({ samples: items, missed }),
      })
      return streamEvents(response, { readers: [samples], rings: usage.rings, signal })
    },
    '/api/v1/timeline': (request, response) => {
      happened.begin()
      const happenings = historyReader(happened.happenings, {
        name: 'happenings',
        places,
        lastEventId: lastEventId(request),
        most: 500,
        data: (items: readonly UiHappening[], missed): UiHappenings => ({ happenings: items, missed }),
      })
      return streamEvents(response, { readers: [happenings], rings: happened.rings, signal })
    },
  }
}

function lastEventId({ headers }: IncomingMessage): string | undefined {
  const id = headers['last-event-id']
  return Array.isArray(id) ? id[0] : id
}
