import type { Finding } from '../../host/finding.ts'
import type { DrawnDashboard, ServiceRate } from '../../telemetry/dashboards.ts'
import type { DrawnMetric, MetricList } from '../../telemetry/explore.ts'
import type { Trace } from '../../telemetry/trace.ts'
import type { Traces } from '../../telemetry/traces.ts'
import type { ActionPreview } from '../actions/request.ts'
import type { HistoryReport } from '../history.ts'
import type { PlanReport } from '../plan/shape.ts'
import type { StackReport } from '../status/report.ts'
import type { TopReport } from '../top/report.ts'

export type { Finding } from '../../host/finding.ts'
export type { Failure, Save, SessionState } from '../../session/state.ts'
export type { DrawnPanel, ServiceRate } from '../../telemetry/dashboards.ts'
export type { Metric } from '../../telemetry/metric-families.ts'
export type { ServiceCalls, Span, Trace, TraceSummary } from '../../telemetry/trace.ts'
export type { TerminalEnd } from '../../ui/terminal.ts'
export type { ActionPreview, ActionRequest } from '../actions/request.ts'

/**
 * The API of `devk ui`, version 1, which the page reads and docs/api/ui.v1.yaml describes. Everything in it that comes
 * from the cluster or a container is data: names, reasons and lines may hold any text.
 */
export interface UiState {
  readonly project: string
  /** Version of devk. */
  readonly devk: string
  readonly cluster: ClusterState
  /** What the last `devk up` deployed. It is known also while the cluster is away. */
  readonly recorded: Recorded
  /** What `devk status` tells; the last known one while the cluster is away; null before the first answer. */
  readonly report: StackReport | null
  /** What `devk top` tells, or what the kubelets measure without metrics-server; null before the first answer. */
  readonly usage: TopReport | null
}

/** Whether the cluster answers. */
export interface ClusterState {
  readonly name: string
  readonly provider: string
  readonly context: string
  readonly state: 'connecting' | 'connected' | 'away'
  /** Start of this state, in RFC 3339. */
  readonly since: string
  /** Why it is away. */
  readonly reason: string | null
}

/** The parts of a stack, and what they need. */
export interface Recorded {
  readonly services: readonly RecordedService[]
  readonly externals: readonly string[]
  readonly presets: readonly RecordedPreset[]
  readonly jobs: readonly RecordedJob[]
}

/** A service of the last `devk up`. */
export interface RecordedService {
  readonly name: string
  /** `Deployment/backend`; null if it is unknown. */
  readonly workload: string | null
  readonly url: string | null
  readonly dependsOn: readonly string[]
}

/** A preset of the last `devk up`. */
export interface RecordedPreset {
  readonly name: string
  readonly version: string
  readonly urls: readonly { readonly name: string; readonly url: string; readonly whileRunning: boolean }[]
}

/** A job of the configuration. */
export interface RecordedJob {
  readonly name: string
  /** The service whose image and environment it uses; null if it has none. */
  readonly service: string | null
  /** It runs on this machine, and not in the cluster. */
  readonly local: boolean
}

/** A change of the state of one part. */
export interface UiChange {
  /** RFC 3339. */
  readonly time: string
  readonly kind: 'service' | 'external' | 'preset' | 'cluster'
  readonly name: string
  /** The state before; null for the first one. */
  readonly from: string | null
  readonly to: string
  readonly reason: string | null
}

/** A line of a container, or of a program of this machine, which has no pod. */
export interface UiLine {
  readonly service: string
  readonly pod?: string
  readonly container?: string
  readonly time: string
  readonly text: string
  /** The line stands for this many lines, which devk could not keep. */
  readonly dropped?: number
}

/** The event `lines` of `/api/v1/logs`. */
export interface UiLines {
  readonly lines: readonly UiLine[]
  /** Lines before these that the client did not read in time. */
  readonly missed: number
}

/** The event `changes` of `/api/v1/events`. */
export interface UiChanges {
  readonly changes: readonly UiChange[]
  readonly missed: number
}

/** Something that happened: what the devk that holds the stack did, or an event of Kubernetes. */
export interface UiHappening {
  /** The same when an event happens again: the newer one takes the place of the older one. */
  readonly id: string
  /** RFC 3339. */
  readonly time: string
  readonly source: 'devk' | 'kubernetes'
  /** The services, externals and presets that it is about; empty: the whole stack, or a node. */
  readonly names: readonly string[]
  /** The type of the event of devk, as `devk up --json` prints it, or the reason of the event of Kubernetes. */
  readonly kind: string
  /** `Pod todo/backend-6d4-xk2p9`; null for what devk did. */
  readonly object: string | null
  readonly warning: boolean
  readonly text: string
  /** How often it has happened. */
  readonly count: number
}

/** The event `happenings` of `/api/v1/timeline`. */
export interface UiHappenings {
  readonly happenings: readonly UiHappening[]
  readonly missed: number
}

/** What services, externals and presets used at a time. CPU in thousandths, memory in bytes. */
export interface UiSample {
  /** RFC 3339. */
  readonly time: string
  readonly uses: readonly UiUse[]
}

/** What one of them used. */
export interface UiUse {
  readonly kind: 'service' | 'external' | 'preset'
  readonly name: string
  readonly cpu: number
  readonly memory: number
}

/** The event `samples` of `/api/v1/metrics`. */
export interface UiSamples {
  readonly samples: readonly UiSample[]
  readonly missed: number
}

/** The answer of `/api/v1/releases`. */
export interface UiReleases {
  /** What `devk history` tells; null if it cannot be read. */
  readonly history: HistoryReport | null
  /** The Services that can be switched between colours. */
  readonly colours: readonly UiColours[]
  /** Why it cannot. */
  readonly problem: string | null
}

/** A Service that can be switched. */
export interface UiColours {
  /** Name of the Service. */
  readonly service: string
  /** Key of the label that tells the colours apart. */
  readonly label: string
  readonly current: string
  readonly colours: readonly string[]
}

/** Why a question has no answer. */
export interface UiRefusal {
  readonly ok: false
  readonly text: string
  /** What can be done about it. */
  readonly hint: string | null
}

/** The answer of `/api/v1/traces`: the newest traces, or why there are none. */
export type UiTraces = ({ readonly ok: true } & Traces) | UiRefusal

/** The answer of `/api/v1/trace`. */
export type UiTrace = { readonly ok: true; readonly trace: Trace } | UiRefusal

/** The answer of `/api/v1/dashboards`: which there are. */
export type UiDashboards =
  | { readonly ok: true; readonly dashboards: readonly { readonly uid: string; readonly title: string }[] }
  | UiRefusal

/** The answer of `/api/v1/dashboard`: one with its values. */
export type UiDashboard = { readonly ok: true; readonly dashboard: DrawnDashboard } | UiRefusal

/** The answer of `/api/v1/metric-names`: the metrics that Prometheus has. */
export type UiMetricList = ({ readonly ok: true } & MetricList) | UiRefusal

/** The answer of `/api/v1/metric`: one with its values. */
export type UiMetric = ({ readonly ok: true } & DrawnMetric) | UiRefusal

/** The answer of `/api/v1/rates`: the requests to each service now. */
export type UiRates = { readonly ok: true; readonly rates: readonly ServiceRate[] } | UiRefusal

/** The answer of `/api/v1/doctor`: what `devk doctor` finds. */
export type UiDoctor = { readonly ok: true; readonly findings: readonly Finding[] } | UiRefusal

/** The answer of `/api/v1/preview`: what an action will do, or why it cannot be done. */
export type UiPreview = ({ readonly ok: true } & ActionPreview) | UiRefusal

/** The answer of `/api/v1/plan`: what `devk up` would change, or why that cannot be told. */
export type UiPlan = { readonly ok: true; readonly plan: PlanReport } | UiRefusal

/** The answer of `/api/v1/actions`, once the action has ended. */
export interface UiOutcome {
  readonly ok: boolean
  /** What the command said, or the error. */
  readonly text: string
  readonly hint: string | null
}

/** A shell that can be opened in a container. */
export interface UiShellChoice extends ActionPreview {
  readonly container: string
}

/** The answer of `/api/v1/shell-preview`: the containers of a pod, and what a shell in each of them would be. */
export type UiShellPreview = { readonly ok: true; readonly choices: readonly UiShellChoice[] } | UiRefusal
