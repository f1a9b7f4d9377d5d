import { groupKindOf, type KindRef, type Kube } from '../kube/api.ts'
import { inParallel } from '../lib/parallel.ts'
import { parallelism } from './apply.ts'

/** Whether a kind is namespaced; undefined for a kind that is not known. */
export type Scopes = (kind: KindRef) => boolean | undefined

/**
 * What the API server says about the scope of these kinds. It does not know a kind before its definition is applied.
 */
export async function serverScopes(kube: Kube, kinds: readonly KindRef[], signal: AbortSignal): Promise<Scopes> {
  const found = new Map<string, boolean | undefined>()
  const each = [...new Map(kinds.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind])).values()]
  await inParallel(each, parallelism, async ({ apiVersion, kind }) => {
    found.set(groupKindOf({ apiVersion, kind }), await kube.namespaced({ apiVersion, kind }, signal))
  })
  return (kind) => found.get(groupKindOf(kind))
}
