import type { UiPlan } from '../src/commands/ui/api.ts'

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
