import { colors } from '../../lib/colors.ts'
import { count } from '../../lib/text.ts'
import { indented } from '../../lib/wrap.ts'
import { amountText } from '../../stack/capacity/fit-report.ts'
import type { PlannedChange, PlannedFit, PlannedPreset, PlanReport } from './shape.ts'

/** How the report is shown. */
export interface TextOptions {
  readonly columns: number
  readonly color: boolean
}

/**
 * The report as text: the applied rules by object, the changes with their fields, the presets, and whether the stack
 * fits. Pure.
 */
export function planText(report: PlanReport, { columns, color }: TextOptions): string {
  const paint = colors(color)
  const { project, cluster, overlay, rules, changes, presets, fit, notes } = report
  const title = [paint.bold(project), cluster.context, ...(overlay === null ? [] : [`overlay ${overlay}`])].join('  ')
  const byObject = Map.groupBy(rules, ({ object }) => object)
  const applied = [...byObject].flatMap(([object, own]) => [
    `  ${object}`,
    ...own.flatMap(({ rule, field, from, to }) => indented(`${field}: ${from} → ${to}  (${rule})`, 6, columns)),
  ])
  const listed = changes.flatMap((change) => changeLines(change, paint, columns))
  const sections = [
    [cluster.exists ? title : `${title}  (does not exist yet; devk up creates it)`],
    ...(applied.length > 0 ? [['RULES', ...applied]] : []),
    ...(listed.length > 0 ? [['CHANGES', ...listed]] : []),
    ...(presets.length > 0 ? [['PRESETS', ...presets.map(presetLine)]] : []),
    ...(fit === null ? [] : [fitSection(fit, columns)]),
    ...(notes.length > 0 ? [['NOTES', ...notes.flatMap((note) => indented(note, 2, columns))]] : []),
    [summary(report)],
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function fitSection({ fits, requested, available, problems, suggestion }: PlannedFit, columns: number): string[] {
  const all = `${amountText(requested)} requested of ${amountText(available)}`
  return [
    `FIT  ${fits ? 'yes' : 'no'}: ${all}`,
    ...problems.flatMap((line) => indented(line, 2, columns)),
    ...(suggestion === null ? [] : [`  This would fit: scale: ${suggestion}`]),
  ]
}

function presetLine({ name, version, ...counts }: PlannedPreset): string {
  const words = [
    ...(counts.create > 0 ? [`${count(counts.create, 'object')} to create`] : []),
    ...(counts.change > 0 ? [`${counts.change} to change`] : []),
    ...(counts.delete > 0 ? [`${counts.delete} to delete`] : []),
  ]
  const what = words.length === 0 ? `${count(counts.unchanged, 'object')} unchanged` : words.join(', ')
  return `  ${version === null ? `${name} (no longer configured)` : `${name} ${version}`}: ${what}`
}

function changeLines(
  { action, object, why, fields }: PlannedChange,
  paint: ReturnType<typeof colors>,
  columns: number,
): string[] {
  const word = action.padEnd(7)
  const colour = {
    create: paint.green,
    update: paint.yellow,
    replace: paint.yellow,
    refuse: paint.red,
    delete: paint.red,
    keep: paint.dim,
  }
  const lines = fields.flatMap(({ path, from, to }) => indented(`${path}: ${from ?? '–'} → ${to ?? '–'}`, 10, columns))
  return [`  ${colour[action](word)} ${object}${why === null ? '' : ` (${why})`}`, ...lines]
}

function summary({ changes, presets, unchanged, images }: PlanReport): string {
  const of = (...actions: PlannedChange['action'][]) => changes.filter(({ action }) => actions.includes(action)).length
  const writes = changes.filter(({ action }) => action !== 'keep').length
  const busy = presets.filter((preset) => preset.create + preset.change + preset.delete > 0)
  const refused = of('refuse')
  if (refused > 0) return `devk up would change nothing: ${count(refused, 'change')} cannot be made, as shown above.`
  if (writes + busy.length === 0) return `Nothing would change; ${count(unchanged, 'object')} unchanged.`
  const built = images.length === 0 ? '' : ` New images for ${images.join(', ')}.`
  const others = busy.length === 0 ? '' : ` ${count(busy.length, 'preset')} would change, too.`
  const changed = `${of('create')} to create, ${of('update', 'replace')} to change, ${of('delete')} to delete`
  const numbers = `${changed}, ${unchanged} unchanged.`
  return `${numbers}${built}${others}\nNothing was changed.`
}
