import { once } from 'node:events'
import type {
  ActionRequest,
  SessionState,
  UiChange,
  UiDashboard,
  UiDashboards,
  UiDoctor,
  UiHappening,
  UiLine,
  UiMetric,
  UiMetricList,
  UiPlan,
  UiRates,
  UiReleases,
  UiSample,
  UiState,
  UiTrace,
  UiTraces,
} from '../../src/commands/ui/api.ts'
import { changingRoutes } from '../../src/commands/ui/changing-routes.ts'
import { routes } from '../../src/commands/ui/routes.ts'
import { type ShellDeps, shellRoutes, shellSockets } from '../../src/commands/ui/shells.ts'
import type { CliContext } from '../../src/context.ts'
import { DevkError } from '../../src/errors.ts'
import { cell } from '../../src/logs/view.ts'
import type { MetricQuestion } from '../../src/telemetry/explore.ts'
import { history } from '../../src/ui/history.ts'
import { pageServer } from '../../src/ui/server.ts'
import { bell } from '../../src/ui/sse.ts'
import { shellProject } from './shell-project.ts'

/** The server of `devk ui` with the real page and API, fed by the test in place of a cluster. */
export interface FedServer {
  readonly url: string
  readonly api: string
  readonly token: string
  show(state: UiState): void
  /** A devk holds the stack, or (null) none does. */
  hold(session: SessionState | null): void
  /** The actions that were confirmed. */
  readonly done: readonly ActionRequest[]
  /** What the next shells are. */
  run(shell: ShellDeps['run']): void
  log(...lines: readonly UiLine[]): void
  happen(...happenings: readonly UiHappening[]): void
  change(...changes: readonly UiChange[]): void
  measure(...samples: readonly UiSample[]): void
  /** What the next question about the plan is answered with. */
  plan(plan: UiPlan): void
  /** How many plans were made. */
  planned(): number
  /** What questions about traces, dashboards, rates, metrics and this machine are answered with. */
  tell(answers: Partial<Told>): void
  /** What the next question about releases is answered with. */
  release(releases: UiReleases): void
}

/** Answers of the presets jaeger and prometheus, and of the checks of this machine. */
interface Told {
  readonly traces: (query: { readonly service: string; readonly failed: boolean }) => UiTraces
  readonly trace: UiTrace
  readonly dashboards: UiDashboards
  readonly dashboard: (uid: string, minutes: number) => UiDashboard
  readonly rates: UiRates
  readonly metrics: (service: string) => UiMetricList
  readonly metric: (question: MetricQuestion) => UiMetric
  readonly doctor: UiDoctor
}

/** What the server keeps of each stream, and whether it only reads. */
export interface FedOptions {
  readonly items: number
  readonly size: number
  readonly readOnly?: boolean
}

/** Starts it until `close`. `npm run build` has built the page. */
export async function fedPage(
  first: UiState,
  { readOnly = false, ...limits }: FedOptions = { items: 20_000, size: 16_000_000 },
): Promise<FedServer & { close(): void }> {
  const stop = new AbortController()
  const state = cell(first)
  const session = cell<SessionState | null>(null)
  const changes = history<UiChange>({ items: 500, size: 500 })
  const lines = history<UiLine>(limits)
  const happenings = history<UiHappening>(limits)
  const samples = history<UiSample>(limits)
  const rings = bell()
  let plan: UiPlan = { ok: false, text: 'The test has none.', hint: null }
  let releases: UiReleases = { history: null, colours: [], problem: 'The test has none.' }
  const none = { ok: false, text: 'The test has none.', hint: null } as const
  let told: Told = {
    traces: () => none,
    trace: none,
    dashboards: none,
    dashboard: () => none,
    rates: none,
    metrics: () => none,
    metric: () => none,
    doctor: none,
  }
  const api = routes({
    observed: { state, changes, rings, project: cell(undefined) },
    logs: { lines, rings, begin() {} },
    happened: { happenings, rings, begin() {}, add() {} },
    usage: { samples, rings },
    releases: async () => releases,
    doctor: async () => told.doctor,
    telemetry: {
      traces: async (query) => told.traces(query),
      trace: async () => told.trace,
      dashboards: () => told.dashboards,
      dashboard: async (uid, minutes) => told.dashboard(uid, minutes),
      rates: async () => told.rates,
      metrics: async (service) => told.metrics(service),
      metric: async (question) => told.metric(question),
    },
    session,
    run: 'ab12',
    signal: stop.signal,
  })
  const done: ActionRequest[] = []
  const context = { signal: stop.signal } as CliContext
  let shell: ShellDeps['run'] = async () => 0
  const shells: ShellDeps = { open: async () => shellProject, run: (...of) => shell(...of) }
  let plans = 0
  const makePlan = async () => {
    plans += 1
    return plan
  }
  const actions = changingRoutes(context, makePlan, {
    async preview(_ctx, { action, name, to }) {
      if (action === 'rollback' && to !== undefined) {
        return { effects: [`Deploys revision ${to}.`], command: `devk rollback ${name} --to ${to}`, kubectl: null }
      }
      if (action === 'rollback') throw new DevkError('COMMAND_FAILED', `${name} has no revision before 1`)
      const where = action === 'switch' ? ` to ${to}` : ''
      return { effects: [`It would ${action} ${name}${where}.`], command: `devk ${action} ${name}`, kubectl: null }
    },
    async perform(_ctx, request) {
      done.push(request)
      return { ok: true, exitCode: 0, text: `restarted ${request.name}`, hint: null }
    },
  })
  const changing = { ...actions, ...shellRoutes(context, shells) }
  const sockets = shellSockets(context, shells)
  const acting = readOnly ? {} : { changes: changing, sockets }
  const { server, address } = await pageServer({ folder: 'dist/web', api, ...acting })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    ...address(),
    done,
    run(next) {
      shell = next
    },
    close() {
      stop.abort()
      server.close()
      server.closeAllConnections()
    },
    show(next) {
      state.set(next)
      rings.ring()
    },
    hold(next) {
      session.set(next)
      rings.ring()
    },
    happen(...more) {
      for (const each of more) happenings.add(each, each.text.length)
      rings.ring()
    },
    measure(...more) {
      for (const each of more) samples.add(each)
      rings.ring()
    },
    planned: () => plans,
    plan(next) {
      plan = next
    },
    tell(answers) {
      told = { ...told, ...answers }
    },
    release(next) {
      releases = next
    },
    change(...more) {
      for (const each of more) changes.add(each)
      rings.ring()
    },
    log(...more) {
      for (const line of more) lines.add(line, line.text.length)
      rings.ring()
    },
  }
}
