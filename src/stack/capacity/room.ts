import type { ClusterSpec } from '../../cluster/provider.ts'
import type { Kube, KubeObject } from '../../kube/api.ts'
import type { Pod } from '../../kube/pod.ts'
import { labels } from '../../lib/keys.ts'
import { bytesOf, milliCpuOf } from '../../lib/quantity.ts'
import type { PodTemplate } from '../../manifests/workload.ts'
import { type Amount, podRequests, sum } from './demand.ts'

/** The capacity of a cluster. */
export interface Room {
  readonly nodes: readonly NodeRoom[]
  /** The machine that runs the nodes, each of which may report all of it; undefined for a cluster elsewhere. */
  readonly machine: Amount | undefined
}

/** The capacity of a node. */
export interface NodeRoom {
  readonly name: string
  /** What all pods on it may request. */
  readonly allocatable: Amount
  /** What pods that are not the project's request of it. */
  readonly taken: Amount
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
}

/** The capacity of an existing cluster, and what pods that are not the project's request of it. Throws KUBE_API. */
export async function readRoom(
  kube: Kube,
  project: string,
  machine: Amount | undefined,
  signal: AbortSignal,
): Promise<Room> {
  const [nodes, pods] = await Promise.all([
    kube.list({ apiVersion: 'v1', kind: 'Node' }, { signal }),
    kube.list({ apiVersion: 'v1', kind: 'Pod' }, { labels: `${labels.project}!=${project}`, signal }),
  ])
  const living = (pods as Pod[]).filter(({ status }) => !/^(Succeeded|Failed)$/.test(status?.phase ?? ''))
  return { nodes: nodes.map((node) => nodeRoom(node, living)), machine }
}

/**
 * Taints that Kubernetes sets by a node's condition and removes by itself, such as that of a node that has just become
 * ready. They delay pods, but do not exclude them.
 */
const passing = /^node\.kubernetes\.io\/(not-ready|unreachable|network-unavailable|(memory|disk|pid)-pressure)$/

function nodeRoom(node: KubeObject, pods: readonly Pod[]): NodeRoom {
  const { allocatable = {} } = (node.status ?? {}) as { allocatable?: Record<string, string> }
  const { taints = [] } = (node.spec ?? {}) as { taints?: NodeRoom['taints'] }
  const own = pods.filter(({ spec }) => spec?.nodeName === node.metadata.name)
  return {
    name: node.metadata.name,
    allocatable: { cpu: milliCpuOf(allocatable.cpu ?? '0'), memory: bytesOf(allocatable.memory ?? '0') },
    taken: sum(own.map((pod) => podRequests(pod as unknown as PodTemplate))),
    labels: node.metadata.labels ?? {},
    taints: taints.filter(({ key }) => !passing.test(key)),
  }
}

/** What Kubernetes' own pods request: on the first control plane (with DNS), on each further one, on each worker. */
const system = {
  first: { cpu: 950, memory: 290 * 1024 ** 2 },
  plane: { cpu: 750, memory: 150 * 1024 ** 2 },
  worker: { cpu: 100, memory: 50 * 1024 ** 2 },
} as const

/** The capacity that a new cluster would have; `arch` in the terms of Kubernetes (`amd64`). Pure. */
export function plannedRoom(spec: ClusterSpec, machine: Amount, arch: string): Room {
  const given = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': arch }
  const alone = spec.nodes.every(({ role }) => role === 'control-plane')
  const nodes = spec.nodes.map((node, index): NodeRoom => {
    const plane = node.role === 'control-plane'
    const kept = plane && !alone ? ['node-role.kubernetes.io/control-plane:NoSchedule'] : []
    return {
      name: `${node.role} ${index + 1}`,
      allocatable: { ...machine, ...node.size },
      taken: plane ? system[index === 0 ? 'first' : 'plane'] : system.worker,
      labels: { ...given, ...(plane ? { 'node-role.kubernetes.io/control-plane': '' } : {}), ...node.labels },
      taints: [...kept, ...node.taints].map(taintOf),
    }
  })
  return { nodes, machine }
}

function taintOf(text: string): NodeRoom['taints'][number] {
  const [, key = '', value, effect = ''] = /^([^:=]+)(?:=([^:]*))?:(.+)$/.exec(text) ?? []
  return { key, effect, ...(value === undefined ? {} : { value }) }
}
