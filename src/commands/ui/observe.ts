import { DevkError } from '../../errors.ts'
import { labels } from '../../lib/keys.ts'
import { messageOf } from '../../lib/text.ts'
import { abortable } from '../../lib/wait.ts'
import { type Cell, cell } from '../../logs/view.ts'
import type { OpenProject } from '../../project/open.ts'
import type { ProjectRecord } from '../../state/projects.ts'
import { type History, history } from '../../ui/history.ts'
import { type Bell, bell } from '../../ui/sse.ts'
import type { StackReport } from '../status/report.ts'
import type { TopReport } from '../top/report.ts'
import type { UiChange, UiState } from './api.ts'
import { changesBetween, recordedOf } from './changes.ts'

/** Where the state comes from. */
export interface Sources {
  /** The record of the last `up`; undefined after `down`. */
  record(): Promise<ProjectRecord | undefined>
  open(signal: AbortSignal): Promise<OpenProject>
  status(project: OpenProject, signal: AbortSignal): Promise<StackReport>
  /** `used` is null without measurements. */
  usage(project: OpenProject, signal: AbortSignal): Promise<TopReport | null>
  now(): number
}

/** The observed state. */
export interface Observed {
  /** Replaced at each change. */
  readonly state: Cell<UiState>
  readonly changes: History<UiChange>
  /** Rings at each change of state. */
  readonly rings: Bell
  /** The connection to the cluster; undefined while there is none. Another one for another cluster. */
  readonly project: Cell<OpenProject | undefined>
}

/** Milliseconds. */
export interface Pace {
  /** Between two readings, however much changes. */
  readonly least: number
  /** Until the next reading if nothing has changed: forwards, silent nodes and measurements have no watch. */
  readonly most: number
  /** Until the next try while the cluster is away. */
  readonly away: number
  /** How long the cluster may take to answer. */
  readonly patience: number
}

const usual: Pace = { least: 500, most: 15_000, away: 2000, patience: 12_000 }
/** A change of these starts a reading. */
const watched = [
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'batch/v1', kind: 'Job' },
]

/**
 * Begins to observe the project until the signal. It reads what `devk status` reads, at once when a watch reports a
 * change. While the cluster is away it keeps the last report, says since when, and tries again. `done` never rejects.
 */
export function observe(
  first: UiState,
  sources: Sources,
  signal: AbortSignal,
  pace: Pace = usual,
): Observed & { readonly done: Promise<void> } {
  const state = cell(first)
  const project = cell<OpenProject | undefined>(undefined)
  const changes = history<UiChange>({ items: 500, size: 500 })
  const rings = bell()
  const show = (next: UiState) => {
    const before = state.get()
    if (JSON.stringify(next) === JSON.stringify(before)) return
    state.set(next)
    for (const change of changesBetween(before, next, timeOf(sources))) changes.add(change)
    rings.ring()
  }
  const done = run({ state, project, show, sources, signal, pace })
  return { state, changes, rings, project, done }
}

interface Run {
  readonly state: Cell<UiState>
  readonly project: Cell<OpenProject | undefined>
  readonly show: (next: UiState) => void
  readonly sources: Sources
  readonly signal: AbortSignal
  readonly pace: Pace
}

async function run({ state, project, show, sources, signal, pace }: Run): Promise<void> {
  const due = dueBell()
  let watching = new AbortController()
  const cluster = (next: 'connected' | 'away', reason: string | null) => {
    const { cluster: now } = state.get()
    return { ...now, state: next, reason, since: now.state === next ? now.since : timeOf(sources) }
  }
  const connect = async (late: AbortSignal) => {
    const opened = await abortable(sources.open(late), late)
    watching.abort()
    watching = new AbortController()
    project.set(opened)
    watch(opened, due.ring, AbortSignal.any([signal, watching.signal]))
    return opened
  }
  const read = async (record: ProjectRecord, late: AbortSignal) => {
    const reading = (open: OpenProject) =>
      abortable(
        Promise.all([sources.status({ ...open, record }, late), sources.usage({ ...open, record }, late)]),
        late,
      )
    const open = project.get()
    if (open === undefined || open.record.cluster.uid !== record.cluster.uid) return reading(await connect(late))
    // The address of the API server may be another one since the cluster was started again.
    return reading(open).catch(async () => reading(await connect(late)))
  }
  while (!signal.aborted) {
    const late = AbortSignal.any([signal, AbortSignal.timeout(pace.patience)])
    due.reset()
    try {
      const record = await sources.record()
      if (record === undefined) throw new DevkError('CLUSTER_MISSING', 'The stack is not up', { hint: 'Run devk up.' })
      const [report, usage] = await read(record, late)
      show({ ...state.get(), cluster: cluster('connected', null), recorded: recordedOf(record), report, usage })
    } catch (error) {
      if (signal.aborted) break
      show({ ...state.get(), cluster: cluster('away', late.aborted ? 'It does not answer.' : reasonOf(error)) })
    }
    const isAway = state.get().cluster.state === 'away'
    await bell().next(isAway ? pace.away : pace.least, signal)
    if (!isAway) await due.next(pace.most, signal)
  }
  watching.abort()
}

/** A bell that remembers a ring which nobody waited for. */
function dueBell() {
  const due = bell()
  let rung = false
  return {
    ring() {
      rung = true
      due.ring()
    },
    reset() {
      rung = false
    },
    next: (ms: number, signal: AbortSignal) => (rung ? Promise.resolve() : due.next(ms, signal)),
  }
}

function watch({ kube, record }: OpenProject, ring: () => void, signal: AbortSignal): void {
  const selector = { labels: `${labels.project}=${record.name}`, signal }
  for (const kind of watched) void kube.watch(kind, selector, ring)
}

/** What the page says about a failure: a sentence of devk, or the message of a defect. */
export function reasonOf(error: unknown): string {
  if (error instanceof DevkError)
    return [`${error.message}.`, ...(error.hint === undefined ? [] : [error.hint])].join(' ')
  return messageOf(error)
}

function timeOf({ now }: Sources): string {
  return new Date(now()).toISOString()
}
