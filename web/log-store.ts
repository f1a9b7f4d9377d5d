import { computed, signal } from '@preact/signals'
import type { UiLine, UiLines } from '../src/commands/ui/api.ts'
import { compile, type LineFilter, noFilter } from './log-filter.ts'
import { entriesOf } from './log-folds.ts'
import { appended, levelOf, originOf, type ShownLine } from './log-lines.ts'
import { rowsOf } from './log-rows.ts'

/** How many lines the page keeps, and how often it draws new ones (milliseconds). */
const most = 20_000
const drawMs = 150

const lines = signal<readonly ShownLine[]>([])
const frozen = signal<readonly ShownLine[] | undefined>(undefined)
/** Lines that the page has not got because it, or devk, was too slow. */
export const missed = signal(0)
/** Lines that the page had and no longer keeps. */
export const forgotten = signal(0)
/** Which lines are shown. */
export const filter = signal<LineFilter>(noFilter)
/** Whether structured lines are shown as columns, and which of their fields are. */
export const hasColumns = signal(false)
/** The fields that are columns. */
export const columns = signal<readonly string[]>([])
/** The lines that show everything that they have, by their IDs. */
const open = signal<ReadonlySet<number>>(new Set())
/** Whether the list follows new lines. */
export const follows = computed(() => frozen.value === undefined)
/** How many lines came since the list stopped to follow. */
export const waiting = computed(() => {
  const last = frozen.value?.at(-1)?.id ?? -1
  return frozen.value === undefined ? 0 : (lines.value.at(-1)?.id ?? -1) - last
})
const compiled = computed(() => compile(filter.value))
/** Why the pattern is no regular expression. */
export const problem = computed(() => (typeof compiled.value === 'function' ? undefined : compiled.value.problem))
const entries = computed(() => entriesOf(frozen.value ?? lines.value))
/** What the filter lets through; everything while its pattern is wrong. */
export const shown = computed(() =>
  typeof compiled.value === 'function' ? entries.value.filter(compiled.value) : entries.value,
)
/** The rows of what is shown. */
export const rows = computed(() => rowsOf(shown.value, open.value))
/** How many lines the filter lets through. */
export const count = computed(() => shown.value.reduce((sum, { rest }) => sum + 1 + rest.length, 0))
/** How many lines there are before the filter. */
export const total = computed(() => (frozen.value ?? lines.value).length)

let next = 0
let arrived: ShownLine[] = []
/** How many lines have come since the list was last empty. */
let received = 0
let drawing: ReturnType<typeof setTimeout> | undefined
let source: EventSource | undefined

/** Begins to receive lines; more calls do nothing. */
export function receive(): void {
  if (source === undefined) source = begin()
}

/** Stops to follow, or goes on. The list keeps its lines while it does not follow. */
export function follow(on: boolean): void {
  frozen.value = on ? undefined : (frozen.value ?? lines.value)
}

/** Whether a line shows everything. */
export const isOpen = (id: number): boolean => open.value.has(id)

/** Shows everything that a line has, or no longer. The list stays where it is meanwhile. */
export function toggle(id: number): void {
  follow(false)
  const others = new Set(open.value)
  if (!others.delete(id)) others.add(id)
  open.value = others
}

/** Forgets all lines. */
export function clear(): void {
  lines.value = []
  received = arrived.length
  forgotten.value = 0
  frozen.value = undefined
  open.value = new Set()
}

function begin(): EventSource {
  const events = new EventSource('api/v1/logs')
  events.addEventListener('lines', ({ data }) => {
    const part = JSON.parse(data) as UiLines
    missed.value += part.missed + part.lines.reduce((sum, { dropped = 0 }) => sum + dropped, 0)
    received += part.lines.length
    arrived = appended(arrived, part.lines.map(numbered), most)
    if (drawing === undefined) drawing = setTimeout(show, drawMs)
  })
  return events
}

function show(): void {
  drawing = undefined
  lines.value = appended(lines.value, arrived, most)
  arrived = []
  forgotten.value = received - lines.value.length
}

function numbered(line: UiLine): ShownLine {
  next += 1
  const shown = { ...line, id: next, stream: originOf(line) }
  // Lines that a filter will look into are read as they come, not all of them in the frame that draws them.
  if (filter.peek().level !== 'debug' || filter.peek().fields.length > 0) levelOf(shown)
  return shown
}
