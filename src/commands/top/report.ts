import type { KubeObject } from '../../kube/api.ts'
import type { Pod } from '../../kube/pod.ts'
import { bytesOf, milliCpuOf } from '../../lib/quantity.ts'
import { podTemplate } from '../../manifests/workload.ts'
import { type Amount, plus, podRequests } from '../../stack/capacity/demand.ts'

/** `top --json`; the shape is part of the command contract. CPU in thousandths, memory in bytes. */
export interface TopReport {
  readonly project: string
  readonly uses: readonly Use[]
  readonly nodes: readonly NodeUse[]
}

/** CPU in thousandths, memory in bytes. */
export interface PodUse {
  readonly name: string
  readonly node: string | null
  /** null while the cluster has no figures of it, as in the first half minute. */
  readonly used: Amount | null
  readonly requested: Amount
}

/** What a service, external or preset uses, all its pods together. */
export interface Use {
  readonly name: string
  readonly kind: 'service' | 'preset' | 'external'
  /** null when there are no figures of any pod. */
  readonly used: Amount | null
  readonly requested: Amount
  readonly pods: readonly PodUse[]
}

export interface NodeUse {
  readonly name: string
  readonly used: Amount | null
  /** What the node has for pods. */
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

/** What the pods use that run, by the figures of `metrics.k8s.io/v1beta1` for them. Pure. */
export function podUses(pods: readonly Pod[], metrics: readonly KubeObject[]): PodUse[] {
  const measured = new Map((metrics as readonly PodMetrics[]).map((each) => [placeOf(each), each]))
  return pods
    .filter(({ status }) => status?.phase === 'Running')
    .map((pod) => {
      const figures = measured.get(placeOf(pod))?.containers
      const template = podTemplate(pod)
      return {
        name: pod.metadata.name,
        node: pod.spec?.nodeName ?? null,
        used: figures?.map(({ usage }) => amountOf(usage)).reduce(plus, none) ?? null,
        requested: template === undefined ? none : podRequests(template),
      }
    })
}

/** The sum over pods of one owner. Pure. */
export function useOf(name: string, kind: Use['kind'], pods: readonly PodUse[]): Use {
  const used = pods.flatMap((pod) => pod.used ?? [])
  return {
    name,
    kind,
    used: used.length === 0 ? null : used.reduce(plus, none),
    requested: pods.map(({ requested }) => requested).reduce(plus, none),
    pods,
  }
}

/** What each node gives to everything on it. Pure. */
export function nodeUses(nodes: readonly KubeObject[], metrics: readonly KubeObject[]): NodeUse[] {
  const measured = new Map((metrics as readonly NodeMetrics[]).map((each) => [each.metadata.name, each]))
  return nodes.map((node) => {
    const { status } = node as KubeObject & { status?: { allocatable?: Usage } }
    const figures = measured.get(node.metadata.name)?.usage
    return {
      name: node.metadata.name,
      used: figures === undefined ? null : amountOf(figures),
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
