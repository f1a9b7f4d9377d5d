import { computed, signal } from '@preact/signals'
import type { UiHappenings } from '../src/commands/ui/api.ts'
import { changes } from './store.ts'
import { compile, merged, type Row, type RowFilter, rowsOf } from './timeline-model.ts'

/** How many rows the page keeps, and how often it draws new ones (milliseconds). */
const most = 5000
const drawMs = 150

const happened = signal<readonly Row[]>([])
const frozen = signal<readonly Row[] | undefined>(undefined)
const all = computed(() => merged(happened.value, rowsOf(changes.value), most))
const kept = computed(() => frozen.value ?? all.value)
const compiled = computed(() => compile(filter.value))
/** Which rows are shown. */
export const filter = signal<RowFilter>({ pattern: '', name: '', kind: '' })
/** What devk no longer had when the page asked for it. */
export const missed = signal(0)
/** Whether the list shows new rows. */
export const follows = computed(() => frozen.value === undefined)
/** How many rows came since the list stopped to show them. */
export const waiting = computed(() => {
  const known = new Set(frozen.value)
  return frozen.value === undefined ? 0 : all.value.filter((row) => !known.has(row)).length
})
/** Why the pattern is no regular expression. */
export const problem = computed(() => (typeof compiled.value === 'function' ? undefined : compiled.value.problem))
/** The rows that the filter lets through, newest first; all of them while its pattern is wrong. */
export const shown = computed(() =>
  typeof compiled.value === 'function' ? kept.value.filter(compiled.value) : kept.value,
)
/** How many rows there are before the filter. */
export const total = computed(() => kept.value.length)

let arrived: Row[] = []
let drawing: ReturnType<typeof setTimeout> | undefined
let source: EventSource | undefined

/** Begins to receive what happened; more calls do nothing. */
export function receive(): void {
  if (source !== undefined) return
  source = new EventSource('api/v1/timeline')
  source.addEventListener('happenings', ({ data }) => {
    const part = JSON.parse(data) as UiHappenings
    missed.value += part.missed
    arrived.push(...part.happenings)
    if (drawing === undefined) drawing = setTimeout(draw, drawMs)
  })
}

/** Stops to show new rows, so that the list stays where it is; or goes on. */
export function follow(on: boolean): void {
  frozen.value = on ? undefined : (frozen.value ?? all.value)
}

function draw(): void {
  drawing = undefined
  happened.value = merged(happened.value, arrived, most)
  arrived = []
}
