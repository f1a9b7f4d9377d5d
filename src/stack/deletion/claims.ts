import type { Kube, KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { applyPlan } from '../apply.ts'
import { deletionsOf, type Plan, patchOf } from '../plan.ts'

/** The kind that holds data. */
export const claimKind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' } as const

/** The claims that the controller of StatefulSets has made for these sets: `TEMPLATE-SET-0`. Pure. */
export function claimsOfSets(objects: readonly KubeObject[], claims: readonly KubeObject[]): KubeObject[] {
  const sets = objects.filter(({ kind }) => kind === 'StatefulSet')
  return claims.filter(({ metadata: { name, namespace } }) =>
    sets.some(({ metadata, spec }) => {
      const { volumeClaimTemplates = [] } = (spec ?? {}) as { volumeClaimTemplates?: KubeObject[] }
      return volumeClaimTemplates.some((template) => {
        const prefix = `${template.metadata.name}-${metadata.name}-`
        return namespace === metadata.namespace && name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length))
      })
    }),
  )
}

/**
 * Labels the claims of StatefulSets that the plan deletes. Only the set says whose they are, and the claims stay, so
 * that a later `down --prune-data` would not find them. Throws KUBE_API.
 */
export async function labelClaims(kube: Kube, project: string, plan: Plan, signal: AbortSignal): Promise<void> {
  const refs = deletionsOf(plan).flatMap(({ ref }) => (ref.kind === 'StatefulSet' ? [ref] : []))
  if (refs.length === 0) return
  const sets = (await Promise.all(refs.map((ref) => kube.get(ref, signal)))).filter((set) => set !== undefined)
  const claims = claimsOfSets(sets, await kube.list(claimKind, { signal }))
  const unlabelled = claims.filter(({ metadata }) => metadata.labels?.[labels.project] === undefined)
  const actions = unlabelled.map((claim) => patchOf(claim, { metadata: { labels: { [labels.project]: project } } }))
  await applyPlan({ actions }, { kube, signal, patienceMs: 0 })
}
