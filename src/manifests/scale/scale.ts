import type { Scale } from '../../config/schema.ts'
import { nameOf } from '../../kube/api.ts'
import type { RenderedObject } from '../rendered.ts'
import { externalNames, hosts, issuers } from './names.ts'
import { autoscalers, replicas } from './replicas.ts'
import { limitRanges, resources } from './resources.ts'
import type { AppliedRule, ScalePlace, ScaleRule } from './rule.ts'
import { claims, missingClasses, storageClasses } from './storage.ts'

const rules: readonly ScaleRule[] = [
  replicas,
  autoscalers,
  resources,
  limitRanges,
  claims,
  storageClasses,
  hosts,
  issuers,
  externalNames,
]

/** The result of the rules. */
export interface Scaled {
  readonly objects: readonly RenderedObject[]
  /** Each changed field, in the order of the objects. */
  readonly applied: readonly AppliedRule[]
}

/**
 * Changes objects to fit this machine, by the rules of the configuration only. Everything that no rule covers stays as
 * in production: spread constraints, taints, disruption budgets, quotas, policies. Pure.
 */
export function scaled(rendered: readonly RenderedObject[], scale: Scale, place: ScalePlace): Scaled {
  const applied: AppliedRule[] = []
  const objects = rendered.flatMap((entry): RenderedObject[] => {
    const object = structuredClone(entry.object)
    const note = (rule: string, field: string, from: unknown, to: unknown) => {
      applied.push({ object: nameOf(object), rule, field, from: String(from), to: String(to) })
    }
    const dropped = rules.some((rule) => rule({ object, scale, place, note }) === 'drop')
    return dropped ? [] : [{ ...entry, object }]
  })
  const aliases = missingClasses(objects, place)
  for (const { object } of aliases) {
    const to = `alias of ${place.storage?.provisioner}`
    applied.push({
      object: nameOf(object),
      rule: 'storage class alias',
      field: 'StorageClass',
      from: 'not in the cluster',
      to,
    })
  }
  return { objects: [...objects, ...aliases], applied }
}
