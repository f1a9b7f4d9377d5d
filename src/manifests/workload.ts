import { groupKindOf, type KubeObject } from '../kube/api.ts'
import { imageName } from '../lib/image-reference.ts'
import { isRecord } from '../lib/record.ts'

/** The fields of a container that devk reads and writes. */
export interface Container {
  name: string
  image?: string
  imagePullPolicy?: string
  command?: string[]
  args?: string[]
  env?: { name: string; value?: string; valueFrom?: unknown }[]
  envFrom?: unknown[]
  [field: string]: unknown
}

/** A pod template, or a Pod. */
export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string>; [field: string]: unknown }
  spec: { containers: Container[]; initContainers?: Container[]; [field: string]: unknown }
}

/** The path of the pod template in each kind. */
const paths: Readonly<Record<string, readonly string[]>> = {
  'apps/Deployment': ['spec', 'template'],
  'apps/StatefulSet': ['spec', 'template'],
  'apps/DaemonSet': ['spec', 'template'],
  'apps/ReplicaSet': ['spec', 'template'],
  'batch/Job': ['spec', 'template'],
  // A Rollout of Argo. One that refers to a Deployment has no template.
  'argoproj.io/Rollout': ['spec', 'template'],
  'batch/CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
  '/Pod': [],
}

/** The path of the pod template in a workload; undefined for other kinds. */
export function templatePath(object: KubeObject): readonly string[] | undefined {
  return paths[groupKindOf(object)]
}

/**
 * The pod template of a workload, or the Pod itself. undefined for other kinds, and for a template without containers.
 */
export function podTemplate(object: KubeObject): PodTemplate | undefined {
  let at: unknown = object
  const path = templatePath(object)
  if (path === undefined) return undefined
  for (const field of path) at = isRecord(at) ? at[field] : undefined
  return isRecord(at) && isRecord(at.spec) && Array.isArray(at.spec.containers)
    ? (at as unknown as PodTemplate)
    : undefined
}

/** A copy of a workload with a pod template changed by `change`. Returns other objects unchanged. */
export function withPodTemplate(object: KubeObject, change: (template: PodTemplate) => void): KubeObject {
  if (podTemplate(object) === undefined) return object
  const copy = structuredClone(object)
  change(podTemplate(copy) as PodTemplate)
  return copy
}

/**
 * Lets a container start from an image that devk brought to the nodes. With the policy `Always`, which is also the
 * default for the tag `latest`, the node would ask the registry for it at each start.
 */
export function startFromNode(container: Container): void {
  const { image = '', imagePullPolicy } = container
  const { tag = image.includes('@') ? '' : 'latest' } = imageName(image)
  if (imagePullPolicy === 'Always' || (!imagePullPolicy && tag === 'latest')) container.imagePullPolicy = 'IfNotPresent'
}

/** All containers of a template, init containers first. */
export function containersOf(template: PodTemplate): Container[] {
  return [...(template.spec.initContainers ?? []), ...template.spec.containers]
}

interface ContainerPort {
  readonly containerPort?: number
  readonly hostPort?: number
  readonly protocol?: string
}

/** The ports of its node on which a pod listens. Pure. */
export function hostPortsOf({ spec }: PodTemplate): { readonly port: number; readonly protocol: string }[] {
  const ports = spec.containers.flatMap((container) => (container.ports ?? []) as readonly ContainerPort[])
  return ports.flatMap(({ hostPort, containerPort, protocol = 'TCP' }) => {
    const port = hostPort ?? (spec.hostNetwork === true ? containerPort : undefined)
    return port === undefined ? [] : [{ port, protocol }]
  })
}
