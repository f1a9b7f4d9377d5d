import { keyOf } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { canonicalJson, contentHash, withHash } from '../../manifests/hash.ts'
import { withoutGenerated } from '../../manifests/helm/generated.ts'
import type { DesiredObject } from '../desired/configured.ts'
import type { Action, Plan } from '../plan.ts'
import type { ReleaseRecord } from './record.ts'

/** Before or after the objects of a release. */
export type HookPhase = 'pre' | 'post'

/** The content hash of each release that has hooks. Pure. */
export function releasesOf(objects: readonly DesiredObject[], hashKey: string): ReleaseRecord {
  const members = Map.groupBy(objects, ({ release }) => release?.name)
  members.delete(undefined)
  const hooked = [...members].filter(([, all]) => all.some(({ release }) => release?.hook !== undefined))
  return Object.fromEntries(
    hooked.map(([name, all]) => {
      return [name ?? '', contentHash(all.map((entry) => fixedPart(entry, hashKey)).sort(), hashKey)]
    }),
  )
}

/** What identifies an object. A hook that is deleted after its run has other generated values each time. */
function fixedPart({ object, generated = [] }: DesiredObject, hashKey: string): string {
  const fixed = generated.length === 0 ? object : withHash(withoutGenerated(object, generated), hashKey)
  return canonicalJson([keyOf(fixed), fixed.metadata.labels?.[labels.hash] ?? ''])
}

/**
 * The plan with only those hooks that are due: those for an installation if the release was never brought up
 * completely, those for an upgrade if it has changed since, and otherwise none. Pure.
 */
export function withDueHooks(plan: Plan, wanted: ReleaseRecord, recorded: ReleaseRecord): Plan {
  const actions = plan.actions.flatMap((action): Action[] => {
    const release = 'wanted' in action ? action.wanted.release : undefined
    if (!('wanted' in action) || release?.hook === undefined) return [action]
    const before = recorded[release.name]
    const command = before === undefined ? 'install' : before === wanted[release.name] ? undefined : 'upgrade'
    const phases = (['pre', 'post'] as const).filter((phase) =>
      release.hook?.events.some((event) => event === `${phase}-${command}`),
    )
    if (phases.length === 0) return []
    const entry = { ...action.wanted, phases }
    // What is in the cluster is of an earlier run. `runHooks` replaces it.
    return [action.do === 'unchanged' ? { do: 'update', wanted: entry } : { ...action, wanted: entry }]
  })
  return { ...plan, actions }
}

/** Whether the action runs a hook. */
export function isHook(action: Action): boolean {
  return 'wanted' in action && action.wanted.phases !== undefined
}
