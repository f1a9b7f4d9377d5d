import { debugNote } from '../../debug/hold.ts'
import type { KubeObject } from '../../kube/api.ts'
import { explainPod } from '../../kube/explain.ts'
import type { SilentNode } from '../../kube/freshness.ts'
import { conditionOf, type KubeEvent, type Pod } from '../../kube/pod.ts'
import { containersOfService, servicesOf } from '../../kube/pod-services.ts'
import { readiness } from '../../kube/ready.ts'
import { annotations, labels } from '../../lib/keys.ts'
import { duration } from '../../lib/text.ts'
import { promotionNote } from '../../release/promote.ts'
import { isStopped } from '../../release/stop.ts'
import type { LocalProgramState, SessionState } from '../../session/state.ts'
import type { PresetRecord } from '../../state/projects.ts'

/** A port forward in `status --json`. */
export interface ForwardEntry {
  readonly name: string
  readonly state: 'ready' | 'stopped'
  readonly reason: string | null
  readonly since: null
  readonly url: string
}

/** The devk that stays with the stack, in `status --json`. */
export type SessionEntry = Pick<SessionState, 'command' | 'pid' | 'since' | 'phase' | 'background'>

/** `status --json`; the shape is part of the command contract. */
export interface StatusReport extends StackReport {
  /** The devk that stays with the stack; null if none does. */
  readonly session: SessionEntry | null
}

/** What `status --json` tells of the stack itself. */
export interface StackReport {
  readonly project: string
  readonly cluster: {
    readonly provider: string
    readonly name: string
    readonly context: string
    readonly kubeconfig: string
    readonly state: 'running'
    readonly nodes: readonly { readonly name: string; readonly role: string; readonly ready: boolean }[]
  }
  readonly services: readonly WorkloadEntry[]
  readonly presets: readonly PresetEntry[]
  readonly externals: readonly WorkloadEntry[]
  readonly forwards: readonly ForwardEntry[]
  /** Programs of this machine, while `up` or `dev` runs them. */
  readonly locals: readonly LocalProgramState[]
  /** Problems that no service reports, such as a LoadBalancer without an address. */
  readonly warnings: readonly string[]
}

/** The state of a service, external or preset. */
export type State = 'ready' | 'starting' | 'failed' | 'stopped' | 'unavailable'

/** The common fields of all entries of `status --json`. */
export interface Entry {
  readonly name: string
  readonly state: State
  /** Why it is not ready, as Kubernetes or the container reports it; null if it is ready. */
  readonly reason: string | null
  /** Start of this state, in RFC 3339; null if it is unknown. */
  readonly since: string | null
}

/** A service or external in `status --json`. */
export interface WorkloadEntry extends Entry {
  readonly image: string | null
  readonly restarts: number
  readonly url: string | null
  /** State of its release: `rolled back to revision 2 (from 3)`, `waits to be promoted`. */
  readonly note: string | null
  readonly pods: readonly {
    readonly name: string
    readonly ready: boolean
    readonly restarts: number
    readonly reason: string | null
  }[]
}

/** The objects from which the state of one service, external or preset follows. */
export interface WorkloadFacts {
  readonly name: string
  readonly url: string | undefined
  readonly workloads: readonly KubeObject[]
  readonly pods: readonly Pod[]
  readonly events: readonly KubeEvent[]
  /** Nodes that do not report any more. */
  readonly silent?: readonly SilentNode[]
}

/** The state of one service or external, from its workloads, their pods, and the events of the pods. Pure. */
export function workloadEntry({ name, url, workloads, pods, events, silent = [] }: WorkloadFacts): WorkloadEntry {
  const living = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined)
  const entries = living.map((pod) => podEntry(pod, events, silent))
  const verdicts = workloads.map((workload) => readiness(workload, living))
  const waiting = verdicts.find((verdict) => !verdict.ready)
  const restarts = entries.reduce((sum, pod) => sum + pod.restarts, 0)
  const notes = workloads.flatMap((each) => {
    const { annotations: written } = each.metadata
    return [rollbackNote(written), promotionNote(each), debugNote(written)]
  })
  const note = notes.filter((one) => one !== undefined).join('; ') || null
  const base = { name, url: url ?? null, restarts, pods: entries, image: imageOf(name, workloads), note }
  if (workloads.length === 0) return { ...base, state: 'stopped', reason: 'it is not deployed', since: null }
  if (living.length === 0 && workloads.every(isStopped)) {
    return { ...base, state: 'stopped', reason: `devk stop ended its pods; devk start ${name} starts it`, since: null }
  }
  const cause = entries.find((pod) => pod.reason !== null)
  const unknown = living.some((pod) => isOn(silent, pod) !== undefined)
  if (unknown && cause) return { ...base, state: 'unavailable', reason: `${cause.name}: ${cause.reason}`, since: null }
  if (waiting === undefined) return { ...base, state: 'ready', reason: null, since: since(living, workloads) }
  const failed = living.some(isFailing) || ('failed' in waiting && waiting.failed === true)
  const reason = cause === undefined ? waiting.reason : `${cause.name}: ${cause.reason}`
  return { ...base, state: failed ? 'failed' : 'starting', reason, since: since(living, workloads) }
}

function isOn(silent: readonly SilentNode[], pod: Pod): SilentNode | undefined {
  return silent.find(({ name }) => name === pod.spec?.nodeName)
}

function podEntry(pod: Pod, events: readonly KubeEvent[], silent: readonly SilentNode[]) {
  const own = events.filter((event) => event.involvedObject?.uid === pod.metadata.uid)
  const node = isOn(silent, pod)
  const ready = node === undefined && conditionOf(pod, 'Ready')?.status === 'True'
  const restarts = (pod.status?.containerStatuses ?? []).reduce((sum, status) => sum + (status.restartCount ?? 0), 0)
  if (node !== undefined) {
    const reason = `its node ${node.name} has not reported for ${duration(node.ms)}`
    return { name: pod.metadata.name, ready, restarts, reason }
  }
  return { name: pod.metadata.name, ready, restarts, reason: ready ? null : (explainPod({ pod, events: own }) ?? null) }
}

/** Reasons of waiting containers that do not start without a change. */
const failing: ReadonlySet<string> = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
])

function isFailing(pod: Pod): boolean {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  return statuses.some(
    (status) => failing.has(status.state?.waiting?.reason ?? '') || (status.state?.terminated?.exitCode ?? 0) > 0,
  )
}

/** When the readiness of a pod last changed, or when the workload was created. */
function since(pods: readonly Pod[], workloads: readonly KubeObject[]): string | null {
  const changes = pods.flatMap((pod) => {
    const condition = conditionOf(pod, 'Ready') as { lastTransitionTime?: string } | undefined
    return condition?.lastTransitionTime ?? []
  })
  return changes.sort().at(-1) ?? workloads[0]?.metadata.creationTimestamp ?? null
}

function imageOf(service: string, workloads: readonly KubeObject[]): string | null {
  for (const workload of workloads) {
    const { spec } = workload as KubeObject & { spec?: { template?: Pick<Pod, 'metadata' | 'spec'> } }
    const containers = spec?.template?.spec?.containers ?? []
    const [own] = (spec?.template?.metadata && containersOfService(spec.template, service)) ?? []
    const image = (containers.find(({ name }) => name === own) ?? containers[0])?.image
    if (image !== undefined) return image
  }
  return null
}

/** A short name of an image: `3f9c2a1` for one that devk built, otherwise the part after the last slash. Pure. */
export function shortImage(reference: string): string {
  return /:([0-9a-f]{7})[0-9a-f]{9}$/.exec(reference)?.[1] ?? reference.slice(reference.lastIndexOf('/') + 1)
}

/** The objects of one service, external or preset, by their label. Pure. */
export function owned<T extends KubeObject>(
  objects: readonly T[],
  label: 'service' | 'external' | 'preset',
  name: string,
): T[] {
  if (label === 'service') return objects.filter((object) => servicesOf(object).includes(name))
  return objects.filter((object) => object.metadata.labels?.[labels[label]] === name)
}

/**
 * `rolled back to revision 2 (from 3)`, from the annotations of a workload; undefined if it was not rolled back. Pure.
 */
export function rollbackNote(notes: Readonly<Record<string, string>> | undefined): string | undefined {
  const to = notes?.[annotations.rolledBackTo]
  return to && `rolled back to revision ${to} (from ${notes?.[annotations.rolledBackFrom]})`
}

/** A preset in `status --json`. */
export interface PresetEntry extends WorkloadEntry {
  readonly version: string
  /** How the user can get an unavailable preset; null if it is available. */
  readonly get: string | null
}

/** The state of a preset: of its workloads if it has any, otherwise as the last `up` recorded it. Pure. */
export function presetEntry(record: PresetRecord, facts: Omit<WorkloadFacts, 'url'>): PresetEntry {
  const { version, get } = record
  const url = record.urls.find(({ whileRunning }) => !whileRunning)?.url ?? record.urls[0]?.url
  const entry = workloadEntry({ ...facts, url })
  if (facts.workloads.length > 0) return { ...entry, version, get: entry.state === 'ready' ? null : get }
  return { ...entry, version, state: record.state, reason: record.reason, get }
}
