import type { Kube, KubeObject } from '../kube/api.ts'
import type { PodTemplate } from '../manifests/workload.ts'

/** A revision of a workload, as the cluster keeps it. */
export interface Revision {
  readonly number: number
  /** When its template was first deployed (RFC 3339). */
  readonly since: string
  readonly images: readonly string[]
  /** The annotation kubernetes.io/change-cause, if it is set. */
  readonly cause: string | undefined
  /** The pod template without the labels that controllers add. */
  readonly template: PodTemplate
  readonly current: boolean
}

/** The annotation of a ReplicaSet with its revision number, by the kind of its owner. */
const numberKeys: Readonly<Record<string, string>> = {
  Deployment: 'deployment.kubernetes.io/revision',
  Rollout: 'rollout.argoproj.io/revision',
}
const causeKey = 'kubernetes.io/change-cause'

/**
 * The revisions of a workload, oldest first: the ReplicaSets of a Deployment or Argo Rollout, the ControllerRevisions
 * of a StatefulSet or DaemonSet. The workload's revisionHistoryLimit says how many the cluster keeps. Throws KUBE_API.
 */
export async function readRevisions(kube: Kube, workload: KubeObject, signal: AbortSignal): Promise<Revision[]> {
  const { namespace = 'default', uid } = workload.metadata
  const numberKey = numberKeys[workload.kind]
  const kind = numberKey === undefined ? 'ControllerRevision' : 'ReplicaSet'
  const all = await kube.list({ apiVersion: 'apps/v1', kind }, { namespace, signal })
  const own = all.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
  const revisions = own.flatMap((object) => {
    const number = numberKey === undefined ? Number(object.revision) : Number(object.metadata.annotations?.[numberKey])
    const template = templateOf(object)
    if (!Number.isInteger(number) || template === undefined) return []
    return [{ object, number, template }]
  })
  const newest = Math.max(...revisions.map(({ number }) => number))
  return revisions
    .sort((a, b) => a.number - b.number)
    .map(({ object, number, template }) => ({
      number,
      since: object.metadata.creationTimestamp ?? '',
      images: template.spec.containers.flatMap(({ image }) => image ?? []),
      cause: object.metadata.annotations?.[causeKey],
      template,
      current: number === newest,
    }))
}

interface Holder {
  readonly spec?: { readonly template?: PodTemplate }
}

function templateOf(object: KubeObject): PodTemplate | undefined {
  const holder = (object.kind === 'ReplicaSet' ? object : object.data) as Holder | undefined
  const template = holder?.spec?.template
  if (template === undefined) return undefined
  const { $patch: _, ...kept } = structuredClone(template) as PodTemplate & { $patch?: string }
  const { creationTimestamp: __, ...metadata } = kept.metadata ?? {}
  const { 'pod-template-hash': ___, 'rollouts-pod-template-hash': ____, ...labels } = metadata.labels ?? {}
  return { ...kept, metadata: { ...metadata, labels } }
}
