import { labels } from '../lib/keys.ts'
import type { Pod } from './pod.ts'

/** A kind and a name by which a user may know a pod. The kind is undefined for a job of the configuration. */
export interface PodName {
  readonly kind: string | undefined
  readonly name: string
}

/** Labels with the hash that a ReplicaSet appends to the name of its owner, by the kind of this owner. */
const templateHashes = [
  ['Deployment', 'pod-template-hash'],
  ['Rollout', 'rollouts-pod-template-hash'],
] as const

/**
 * The names by which a user may know a pod, the most general ones first: of its workload, of what the workload made to
 * run it, such as a ReplicaSet, and its own name. Reads only the pod: ReplicaSets and Jobs have the names of their
 * owners in their own. Pure.
 */
export function podNames({ metadata }: Pick<Pod, 'metadata'>): PodName[] {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)
  const own = metadata.labels ?? {}
  const job = own[labels.job]
  return [
    ...(job === undefined ? [] : [{ kind: undefined, name: job }]),
    ...(owner === undefined ? [] : [...workloadsOf(owner, own), owner]),
    { kind: 'Pod', name: metadata.name },
  ].map(({ kind, name }) => ({ kind, name }))
}

function workloadsOf(owner: PodName, own: Readonly<Record<string, string>>): PodName[] {
  if (owner.kind === 'Job') {
    // The time at which the CronJob was due, in minutes.
    const cronJob = owner.name.replace(/-\d{8,}$/, '')
    return cronJob === owner.name ? [] : [{ kind: 'CronJob', name: cronJob }]
  }
  if (owner.kind !== 'ReplicaSet') return []
  return templateHashes.flatMap(([kind, label]) => {
    const end = `-${own[label]}`
    return owner.name.endsWith(end) ? [{ kind, name: owner.name.slice(0, -end.length) }] : []
  })
}

/** Whether a user's `NAME` or `KIND/NAME` is one of these names. */
export function isCalled(names: readonly PodName[], text: string): boolean {
  const [name, kind] = text.split('/').reverse()
  return names.some(
    (each) => each.name === name && (kind === undefined || kind.toLowerCase() === each.kind?.toLowerCase()),
  )
}

/** Whether a workload of a configuration, `KIND/NAME`, runs to its end: a Job or CronJob. Pure. */
export function isJobWorkload(workload: string | undefined): boolean {
  return /^(cron)?job\//i.test(workload ?? '')
}
