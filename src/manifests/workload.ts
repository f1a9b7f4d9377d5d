import { groupKindOf, type KubeObject } from '../kube/api.ts'
import { isRecord } from './rendered.ts'

/** What devk reads and writes of a container. */
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

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string>; [field: string]: unknown }
  spec: { containers: Container[]; initContainers?: Container[]; [field: string]: unknown }
}

/** Where each kind keeps its pod template. */
const paths: Readonly<Record<string, readonly string[]>> = {
  'apps/Deployment': ['spec', 'template'],
  'apps/StatefulSet': ['spec', 'template'],
  'apps/DaemonSet': ['spec', 'template'],
  'apps/ReplicaSet': ['spec', 'template'],
  'batch/Job': ['spec', 'template'],
  // Argo Rollouts; one that refers to a Deployment has no template of its own.
  'argoproj.io/Rollout': ['spec', 'template'],
  'batch/CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
  '/Pod': [],
}

/** The pod template of a workload, or a Pod itself; undefined for everything else, and for one that has no containers. */
export function podTemplate(object: KubeObject): PodTemplate | undefined {
  let at: unknown = object
  const path = paths[groupKindOf(object)]
  if (path === undefined) return undefined
  for (const field of path) at = isRecord(at) ? at[field] : undefined
  return isRecord(at) && isRecord(at.spec) && Array.isArray(at.spec.containers)
    ? (at as unknown as PodTemplate)
    : undefined
}

/** A copy of a workload whose pod template `change` was run on; other objects come back as they are. */
export function withPodTemplate(object: KubeObject, change: (template: PodTemplate) => void): KubeObject {
  if (podTemplate(object) === undefined) return object
  const copy = structuredClone(object)
  change(podTemplate(copy) as PodTemplate)
  return copy
}

/** All containers of a template, init containers first. */
export function containersOf(template: PodTemplate): Container[] {
  return [...(template.spec.initContainers ?? []), ...template.spec.containers]
}
