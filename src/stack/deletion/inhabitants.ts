import { groupKindOf, type Kube, type KubeObject, nameOf } from '../../kube/api.ts'
import { statusOf } from '../../kube/client/errors.ts'
import { inParallel } from '../../lib/parallel.ts'
import { parallelism } from '../apply.ts'
import { belongsTo } from '../observed.ts'

/** What is about to be deleted. */
export interface Leaving {
  readonly project: string
  /** The objects that devk deletes. */
  readonly objects: readonly KubeObject[]
}

/**
 * What others have in these namespaces, one line for each namespace: `ConfigMap shop/notes`. It would be deleted with
 * the namespace. The kinds are those that the server serves. Throws KUBE_API.
 */
export async function inhabitants(
  kube: Kube,
  namespaces: readonly string[],
  leaving: Leaving,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  if (namespaces.length === 0) return new Map()
  const kinds = (await kube.kinds(signal)).filter((kind) => kind.namespaced && !passing.has(groupKindOf(kind)))
  const found = new Map<string, string>()
  const contents = new Map<string, KubeObject[]>(namespaces.map((namespace) => [namespace, []]))
  const lists = namespaces.flatMap((namespace) => kinds.map((kind) => ({ namespace, kind })))
  await inParallel(lists, parallelism, async ({ namespace, kind }) => {
    try {
      contents.get(namespace)?.push(...(await kube.list(kind, { namespace, signal })))
    } catch (error) {
      const status = statusOf(error)
      if (status === undefined) throw error
      // What devk may not see may belong to someone. A kind that nothing serves at the moment has no objects to lose.
      if (status === 401 || status === 403) found.set(namespace, `objects of kind ${kind.kind} that devk may not list`)
    }
  })
  for (const [namespace, objects] of contents) {
    const [other] = othersAmong(objects, leaving)
    if (other !== undefined) found.set(namespace, nameOf(other))
  }
  return found
}

/** Records of the moment, which nobody keeps for their own sake. */
const passing = new Set(['/Event', 'events.k8s.io/Event', 'coordination.k8s.io/Lease'])

/**
 * The objects of a namespace that neither belong to the project, nor follow from its objects, nor are in every
 * namespace. Pure.
 */
function othersAmong(objects: readonly KubeObject[], { project, objects: leaving }: Leaving): KubeObject[] {
  const uids = new Set(leaving.map(({ metadata }) => metadata.uid))
  const services = new Set(
    leaving.filter(({ kind }) => kind === 'Service').map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
  )
  const isOwn = (object: KubeObject) =>
    uids.has(object.metadata.uid) ||
    belongsTo(object, project) ||
    object.metadata.deletionTimestamp !== undefined ||
    (object.kind === 'Endpoints' && services.has(`${object.metadata.namespace}/${object.metadata.name}`))
  let rest = objects.filter((object) => !isOwn(object) && !isInEveryNamespace(object))
  for (const object of objects) if (belongsTo(object, project)) uids.add(object.metadata.uid)
  // Owners may be owned themselves: a pod by a ReplicaSet, and that one by a Deployment.
  for (let before = -1; before !== rest.length; ) {
    before = rest.length
    const [owned, others] = split(rest, ({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uids.has(uid)))
    for (const { metadata } of owned) uids.add(metadata.uid)
    rest = others
  }
  return rest
}

function isInEveryNamespace({ apiVersion, kind, metadata, type }: KubeObject): boolean {
  if (apiVersion !== 'v1') return false
  if (kind === 'ConfigMap') return metadata.name === 'kube-root-ca.crt'
  if (kind === 'ServiceAccount') return metadata.name === 'default'
  return kind === 'Secret' && type === 'kubernetes.io/service-account-token'
}

function split<T>(items: readonly T[], test: (item: T) => boolean | undefined): [T[], T[]] {
  const yes = items.filter((item) => test(item) === true)
  return [yes, items.filter((item) => !yes.includes(item))]
}
