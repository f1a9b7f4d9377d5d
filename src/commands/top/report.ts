import type { KubeObject } from '../../kube/api.ts'
import type { Pod } from '../../kube/pod.ts'
import { bytesOf, milliCpuOf } from '../../lib/quantity.ts'
import { podTemplate } from '../../manifests/workload.ts'
import { type Amount, plus, podRequests } from '../../stack/capacity/demand.ts'
import { type Limits, podLimits, sumOfLimits, unlimited } from './limits.ts'

/** `top --json`; the shape is part of the command contract. CPU in thousandths, memory in bytes. */
export interface TopReport {
  readonly project: string
  readonly uses: readonly Use[]
  readonly nodes: readonly NodeUse[]
}

/** What one pod uses. CPU in thousandths, memory in bytes. */
export interface PodUse {
  readonly name: string
  readonly node: string | null
  /** null if the cluster has not measured the pod yet, as in the first half minute. */
  readonly used: Amount | null
  readonly requested: Amount
  readonly limits: Limits
}

/** What all pods of a service, external or preset use together. */
export interface Use {
  readonly name: string
  readonly kind: 'service' | 'preset' | 'external'
  /** null if no pod has been measured yet. */
  readonly used: Amount | null
  readonly requested: Amount
  readonly limits: Limits
  readonly pods: readonly PodUse[]
}

/** What one node uses. CPU in thousandths, memory in bytes. */
export interface NodeUse {
  readonly name: string
  readonly used: Amount | null
  /** What the node can allocate to pods. */
  readonly allocatable: Amount
}

interface PodMetrics extends KubeObject {
  readonly containers?: readonly { readonly usage?: Usage }[]
}

interface NodeMetrics extends KubeObject {
  readonly usage?: Usage
}

interface Usage {
  readonly cpu?: string
  readonly memory?: string
}

const none: Amount = { cpu: 0, memory: 0 }

/** What the running pods use. `metrics` are their PodMetrics (`metrics.k8s.io/v1beta1`). Pure. */
export function podUses(pods: readonly Pod[], metrics: readonly KubeObject[]): PodUse[] {
  const measured = new Map((metrics as readonly PodMetrics[]).map((each) => [placeOf(each), each]))
  return pods
    .filter(({ status }) => status?.phase === 'Running')
    .map((pod) => {
      const measurement = measured.get(placeOf(pod))?.containers
      const template = podTemplate(pod)
      return {
        name: pod.metadata.name,
        node: pod.spec?.nodeName ?? null,
        used: measurement?.map(({ usage }) => amountOf(usage)).reduce(plus, none) ?? null,
        requested: template === undefined ? none : podRequests(template),
        limits: template === undefined ? unlimited : podLimits(template),
      }
    })
}

/** The sum of the pods of one service, external or preset. Pure. */
export function useOf(name: string, kind: Use['kind'], pods: readonly PodUse[]): Use {
  const used = pods.flatMap((pod) => pod.used ?? [])
  return {
    name,
    kind,
    used: used.length === 0 ? null : used.reduce(plus, none),
    requested: pods.map(({ requested }) => requested).reduce(plus, none),
    limits: sumOfLimits(pods.map(({ limits }) => limits)),
    pods,
  }
}

/** What all processes on each node use. `metrics` are the NodeMetrics. Pure. */
export function nodeUses(nodes: readonly KubeObject[], metrics: readonly KubeObject[]): NodeUse[] {
  const measured = new Map((metrics as readonly NodeMetrics[]).map((each) => [each.metadata.name, each]))
  return nodes.map((node) => {
    const { status } = node as KubeObject & { status?: { allocatable?: Usage } }
    const measurement = measured.get(node.metadata.name)?.usage
    return {
      name: node.metadata.name,
      used: measurement === undefined ? null : amountOf(measurement),
      allocatable: amountOf(status?.allocatable),
    }
  })
}

function amountOf(usage: Usage | undefined): Amount {
  return { cpu: milliCpuOf(usage?.cpu ?? '0'), memory: bytesOf(usage?.memory ?? '0') }
}

function placeOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`
}
