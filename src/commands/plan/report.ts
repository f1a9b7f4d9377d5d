import type { LoadedConfig } from '../../config/schema.ts'
import { keyOf, nameOf } from '../../kube/api.ts'
import { contextOf } from '../../platform/ready-cluster.ts'
import { fieldChanges } from '../../stack/diff.ts'
import type { Preparation } from '../../up/prepare.ts'
import type { PlannedChange, PlanReport } from './shape.ts'

/** The report about a preparation. `exists` is whether the cluster answers. Pure. */
export function reportOf(
  config: LoadedConfig,
  exists: boolean,
  { prepared, rules, works, notes }: Preparation,
): Omit<PlanReport, 'fit' | 'presets'> {
  const existing = new Map(prepared.observed.ours.map((object) => [keyOf(object), object]))
  const changes = prepared.plan.actions.flatMap((action): PlannedChange[] => {
    if (action.do === 'unchanged' || action.do === 'conflict' || action.do === 'patch') return []
    if (!('wanted' in action)) {
      return [{ action: action.do, object: nameOf(action.ref), why: 'why' in action ? action.why : null, fields: [] }]
    }
    const { object } = action.wanted
    const before = action.do === 'create' ? undefined : existing.get(keyOf(object))
    const preview = 'preview' in action ? action.preview : undefined
    const fields = before === undefined ? [] : fieldChanges(before, object, preview)
    const why = action.do === 'refuse' ? `${action.why}; ${action.way}` : 'why' in action ? action.why : null
    return [{ action: action.do, object: nameOf(object), why, fields }]
  })
  const changed = JSON.stringify(
    prepared.plan.actions.flatMap((action) => ('wanted' in action && action.do !== 'unchanged' ? [action.wanted] : [])),
  )
  return {
    project: config.name,
    cluster: { context: contextOf(config), exists },
    overlay: config.overlay ?? null,
    rules,
    changes,
    notes,
    unchanged: prepared.plan.actions.filter(({ do: what }) => what === 'unchanged').length,
    images: works.filter(({ reference }) => changed.includes(JSON.stringify(reference))).map(({ owner }) => owner),
  }
}
