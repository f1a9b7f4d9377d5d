import type { UiPlan } from '../src/commands/ui/api.ts'
import type { Part } from './model.ts'

/** What the view of the plan shows. Everything here is pure. */

/** The plan of the API. */
export type Plan = Extract<UiPlan, { ok: true }>['plan']

/** What the plan comes to, in one sentence. */
export function planSummary({ changes, presets, unchanged, images }: Plan): string {
  const of = (...actions: string[]) => changes.filter(({ action }) => actions.includes(action)).length
  if (of('refuse') > 0) return `devk up would change nothing, since ${of('refuse')} of the changes cannot be made.`
  const busy = presets.filter((preset) => preset.create + preset.change + preset.delete > 0).length
  if (of('create', 'update', 'replace', 'delete') + busy === 0) return `Nothing would change. ${unchanged} unchanged.`
  const words = [
    `${of('create')} to create, ${of('update', 'replace')} to change, ${of('delete')} to delete, ${unchanged} unchanged.`,
    ...(images.length === 0 ? [] : [`New images for ${images.join(', ')}.`]),
    ...(busy === 0 ? [] : [`${busy} of the presets would change, too.`]),
  ]
  return words.join(' ')
}

/** `2 to create, 1 to change`, for a preset. */
export function presetText({ create, change, delete: remove, unchanged }: Plan['presets'][number]): string {
  const words = [
    ...(create > 0 ? [`${create} to create`] : []),
    ...(change > 0 ? [`${change} to change`] : []),
    ...(remove > 0 ? [`${remove} to delete`] : []),
  ]
  return words.length === 0 ? `${unchanged} unchanged` : words.join(', ')
}

/** What differs from production, of one service; null: of objects that are of no one service. */
export interface Difference {
  readonly service: string | null
  readonly rules: Plan['rules']
}

/** The rules by the service whose workload they change, in the order of the services; the others come last. */
export function differencesOf(rules: Plan['rules'], parts: readonly Pick<Part, 'kind' | 'name' | 'workload'>[]) {
  const services = parts.filter(({ kind }) => kind === 'service')
  const ownerOf = ({ object }: Plan['rules'][number]) =>
    services.find(({ workload }) => workload !== null && workload === workloadOf(object))?.name ?? null
  const groups = Map.groupBy(rules, ownerOf)
  return [...services.map(({ name }) => name), null].flatMap((service): Difference[] => {
    const own = groups.get(service) ?? []
    return own.length === 0 ? [] : [{ service, rules: own }]
  })
}

/** `Deployment/backend` of `Deployment todo/backend`. */
function workloadOf(object: string): string {
  const [kind = '', place = ''] = object.split(' ')
  return `${kind}/${place.slice(place.indexOf('/') + 1)}`
}
