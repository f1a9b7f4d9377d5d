import { computed, signal } from '@preact/signals'
import type { UiLine, UiLines } from '../src/commands/ui/api.ts'
import { appended, compile, type LineFilter, levelOf, type ShownLine } from './log-lines.ts'

/** How many lines the page keeps, and how often it draws new ones (milliseconds). */
const most = 20_000
const drawMs = 150

const lines = signal<readonly ShownLine[]>([])
const frozen = signal<readonly ShownLine[] | undefined>(undefined)
/** Lines that the page has not got because it, or devk, was too slow. */
export const missed = signal(0)
/** Which lines are shown. */
export const filter = signal<LineFilter>({ pattern: '', service: '', level: 'debug' })
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
/** The lines that the filter lets through; all of them while its pattern is wrong. */
export const shown = computed(() => {
  const all = frozen.value ?? lines.value
  return typeof compiled.value === 'function' ? all.filter(compiled.value) : all
})
/** How many lines there are before the filter. */
export const total = computed(() => (frozen.value ?? lines.value).length)

let next = 0
let arrived: ShownLine[] = []
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

/** Forgets all lines. */
export function clear(): void {
  lines.value = []
  frozen.value = undefined
}

function begin(): EventSource {
  const events = new EventSource('api/v1/logs')
  events.addEventListener('lines', ({ data }) => {
    const part = JSON.parse(data) as UiLines
    missed.value += part.missed + part.lines.reduce((sum, { dropped = 0 }) => sum + dropped, 0)
    arrived = appended(arrived, part.lines.map(numbered), most)
    if (drawing === undefined) drawing = setTimeout(show, drawMs)
  })
  return events
}

function show(): void {
  drawing = undefined
  lines.value = appended(lines.value, arrived, most)
  arrived = []
}

function numbered(line: UiLine): ShownLine {
  next += 1
  return { ...line, id: next, level: levelOf(line.text) }
}
