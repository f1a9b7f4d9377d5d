import { groupKindOf, type KubeObject, nameOf } from '../../kube/api.ts'
import { bytesOf, milliCpuOf } from '../../lib/quantity.ts'
import { type Container, type PodTemplate, podTemplate } from '../../manifests/workload.ts'
import { type Constraints, constraintsOf } from './constraints.ts'

/** CPU in millicores, memory in bytes. */
export interface Amount {
  readonly cpu: number
  readonly memory: number
}

/** A toleration of a pod, as Kubernetes defines it. */
export interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
}

/** What the pods of one workload request, and where they may run. */
export interface Demand extends Constraints {
  /** `Deployment shop/api`. */
  readonly workload: string
  /** Number of pods; 'each' for one on every node that it may run on. */
  readonly pods: number | 'each'
  /** What one pod requests. */
  readonly each: Amount
  readonly nodeSelector: Readonly<Record<string, string>>
  readonly tolerations: readonly Toleration[]
  /** Namespace and labels of its pods. */
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
}

/**
 * What the pods of these objects request at least: an autoscaled workload counts with its minimum. Jobs do not count,
 * because they end. Pure.
 */
export function demands(objects: readonly KubeObject[]): Demand[] {
  const minimum = new Map(objects.flatMap(autoscaled))
  return objects.flatMap((object): Demand[] => {
    const template = podTemplate(object)
    const pods = template === undefined ? undefined : podCount(object, minimum)
    if (template === undefined || pods === undefined || pods === 0) return []
    const { nodeSelector, tolerations } = template.spec
    return [
      {
        workload: nameOf(object),
        pods,
        each: podRequests(template),
        nodeSelector: (nodeSelector as Record<string, string> | undefined) ?? {},
        tolerations: (tolerations as Toleration[] | undefined) ?? [],
        namespace: object.metadata.namespace ?? 'default',
        labels: (template.metadata?.labels as Record<string, string> | undefined) ?? {},
        ...constraintsOf(template),
      },
    ]
  })
}

/**
 * What one pod requests, as the scheduler counts: the sum of its containers, or its largest init container if that is
 * more. Sidecars are added to both. Pure.
 */
export function podRequests({ spec }: Pick<PodTemplate, 'spec'>): Amount {
  const isSidecar = ({ restartPolicy }: Container) => restartPolicy === 'Always'
  const first = spec.initContainers ?? []
  const sidecars = sum(first.filter(isSidecar).map(requestsOf))
  const long = plus(sum(spec.containers.map(requestsOf)), sidecars)
  const starts = first.filter((each) => !isSidecar(each)).map((each) => plus(requestsOf(each), sidecars))
  return {
    cpu: Math.max(long.cpu, ...starts.map(({ cpu }) => cpu)),
    memory: Math.max(long.memory, ...starts.map(({ memory }) => memory)),
  }
}

/** The sum of two amounts. */
export function plus(a: Amount, b: Amount): Amount {
  return { cpu: a.cpu + b.cpu, memory: a.memory + b.memory }
}

/** An amount, n times. */
export function times(amount: Amount, n: number): Amount {
  return { cpu: amount.cpu * n, memory: amount.memory * n }
}

/** The sum of all amounts. */
export function sum(amounts: readonly Amount[]): Amount {
  return amounts.reduce(plus, { cpu: 0, memory: 0 })
}

function requestsOf(container: Container): Amount {
  const { requests = {}, limits = {} } = (container.resources ?? {}) as Record<string, Record<string, unknown>>
  const cpu = requests.cpu ?? limits.cpu
  const memory = requests.memory ?? limits.memory
  return {
    cpu: cpu === undefined ? 0 : milliCpuOf(String(cpu)) || 0,
    memory: memory === undefined ? 0 : bytesOf(String(memory)) || 0,
  }
}

function podCount(object: KubeObject, minimum: ReadonlyMap<string, number>): Demand['pods'] | undefined {
  const { replicas } = (object.spec ?? {}) as { replicas?: number }
  switch (groupKindOf(object)) {
    case 'apps/DaemonSet':
      return 'each'
    case '/Pod':
      return 1
    case 'apps/Deployment':
    case 'apps/StatefulSet':
    case 'apps/ReplicaSet':
    case 'argoproj.io/Rollout':
      return minimum.get(nameOf(object)) ?? replicas ?? 1
    default:
      return undefined
  }
}

function autoscaled(object: KubeObject): [string, number][] {
  if (groupKindOf(object) !== 'autoscaling/HorizontalPodAutoscaler') return []
  const { minReplicas = 1, scaleTargetRef } = (object.spec ?? {}) as {
    minReplicas?: number
    scaleTargetRef?: { kind?: string; name?: string }
  }
  const { namespace } = object.metadata
  const place = namespace === undefined ? '' : `${namespace}/`
  return [[`${scaleTargetRef?.kind ?? 'Deployment'} ${place}${scaleTargetRef?.name ?? ''}`, minReplicas]]
}
