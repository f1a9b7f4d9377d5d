import type { KubeObject } from '../../kube/api.ts'
import { explainPod } from '../../kube/explain.ts'
import { conditionOf, type KubeEvent, type Pod } from '../../kube/pod.ts'
import { readiness } from '../../kube/ready.ts'
import { annotations, labels } from '../../lib/keys.ts'
import { promotionNote } from '../../release/promote.ts'
import type { PresetRecord } from '../../state/projects.ts'

export interface ForwardEntry {
  readonly name: string
  readonly state: 'ready' | 'stopped'
  readonly reason: string | null
  readonly since: null
  readonly url: string
}

/** `status --json`; the shape is part of the command contract. */
export interface StatusReport {
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
  /** What does not work as it is, such as a LoadBalancer without an address. */
  readonly warnings: readonly string[]
}

export type State = 'ready' | 'starting' | 'failed' | 'stopped' | 'unavailable'

/** What every entry of `status --json` has. */
export interface Entry {
  readonly name: string
  readonly state: State
  /** Why it is not ready, in the words of the thing that failed; null when it is. */
  readonly reason: string | null
  /** RFC 3339; null when it never was in this state. */
  readonly since: string | null
}

export interface WorkloadEntry extends Entry {
  readonly image: string | null
  readonly restarts: number
  readonly url: string | null
  /** What its release stands at: `rolled back to revision 2 (from 3)`, `waits to be promoted`. */
  readonly note: string | null
  readonly pods: readonly {
    readonly name: string
    readonly ready: boolean
    readonly restarts: number
    readonly reason: string | null
  }[]
}

export interface WorkloadFacts {
  readonly name: string
  readonly url: string | undefined
  readonly workloads: readonly KubeObject[]
  readonly pods: readonly Pod[]
  readonly events: readonly KubeEvent[]
}

/** State of one service or external, from its workloads, their pods and the pods' events. */
export function workloadEntry({ name, url, workloads, pods, events }: WorkloadFacts): WorkloadEntry {
  const living = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined)
  const told = living.map((pod) => podEntry(pod, events))
  const verdicts = workloads.map((workload) => readiness(workload, living))
  const waiting = verdicts.find((verdict) => !verdict.ready)
  const restarts = told.reduce((sum, pod) => sum + pod.restarts, 0)
  const notes = workloads.flatMap((each) => [rollbackNote(each.metadata.annotations), promotionNote(each)])
  const note = notes.filter((one) => one !== undefined).join('; ') || null
  const base = { name, url: url ?? null, restarts, pods: told, image: imageOf(workloads), note }
  if (workloads.length === 0) return { ...base, state: 'stopped', reason: 'it is not deployed', since: null }
  if (waiting === undefined) return { ...base, state: 'ready', reason: null, since: since(living, workloads) }
  const cause = told.find((pod) => pod.reason !== null)
  const failed = living.some(isFailing) || ('failed' in waiting && waiting.failed === true)
  const reason = cause === undefined ? waiting.reason : `${cause.name}: ${cause.reason}`
  return { ...base, state: failed ? 'failed' : 'starting', reason, since: since(living, workloads) }
}

function podEntry(pod: Pod, events: readonly KubeEvent[]) {
  const own = events.filter((event) => event.involvedObject?.uid === pod.metadata.uid)
  const ready = conditionOf(pod, 'Ready')?.status === 'True'
  const restarts = (pod.status?.containerStatuses ?? []).reduce((sum, status) => sum + (status.restartCount ?? 0), 0)
  return { name: pod.metadata.name, ready, restarts, reason: ready ? null : (explainPod({ pod, events: own }) ?? null) }
}

const failing =
  /^(CrashLoopBackOff|ImagePullBackOff|ErrImagePull|InvalidImageName|CreateContainerConfigError|CreateContainerError|RunContainerError)$/

function isFailing(pod: Pod): boolean {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  return statuses.some(
    (status) => failing.test(status.state?.waiting?.reason ?? '') || (status.state?.terminated?.exitCode ?? 0) > 0,
  )
}

/** The last moment a pod became ready (or stopped being so), else when the workload was made. */
function since(pods: readonly Pod[], workloads: readonly KubeObject[]): string | null {
  const changes = pods.flatMap((pod) => {
    const condition = conditionOf(pod, 'Ready') as { lastTransitionTime?: string } | undefined
    return condition?.lastTransitionTime ?? []
  })
  return changes.sort().at(-1) ?? workloads[0]?.metadata.creationTimestamp ?? null
}

function imageOf(workloads: readonly KubeObject[]): string | null {
  for (const workload of workloads) {
    const { spec } = workload as KubeObject & { spec?: { template?: { spec?: { containers?: { image?: string }[] } } } }
    const image = spec?.template?.spec?.containers?.[0]?.image
    if (image !== undefined) return image
  }
  return null
}

/** `3f9c2a1` of a reference that devk built, else what follows the last slash. */
export function shortImage(reference: string): string {
  return /:([0-9a-f]{7})[0-9a-f]{9}$/.exec(reference)?.[1] ?? reference.slice(reference.lastIndexOf('/') + 1)
}

/** Objects of one service or external, by its label. */
export function owned<T extends KubeObject>(
  objects: readonly T[],
  label: 'service' | 'external' | 'preset',
  name: string,
): T[] {
  return objects.filter((object) => object.metadata.labels?.[labels[label]] === name)
}

/** `rolled back to revision 2 (from 3)`, from the annotations of a workload; undefined for one that was not. */
export function rollbackNote(notes: Readonly<Record<string, string>> | undefined): string | undefined {
  const to = notes?.[annotations.rolledBackTo]
  return to && `rolled back to revision ${to} (from ${notes?.[annotations.rolledBackFrom]})`
}

/** A preset in `status --json`. */
export interface PresetEntry extends WorkloadEntry {
  readonly version: string
  /** How to get what is unavailable; null when nothing is. */
  readonly get: string | null
}

/** State of a preset: what its workloads say, or, where there are none, what the last `up` found. */
export function presetEntry(record: PresetRecord, facts: Omit<WorkloadFacts, 'url'>): PresetEntry {
  const { version, get } = record
  const url = record.urls.find(({ whileRunning }) => !whileRunning)?.url ?? record.urls[0]?.url
  const entry = workloadEntry({ ...facts, url })
  if (facts.workloads.length > 0) return { ...entry, version, get: entry.state === 'ready' ? null : get }
  return { ...entry, version, state: record.state, reason: record.reason, get }
}
