import type { Metric } from '../src/commands/ui/api.ts'
import { spans } from './dashboards-model.ts'

/** What the view of the metrics of programs shows. Everything here is pure. */

/** What of the metrics is shown. It is the address of the view, so that a link can be sent. */
export interface Place {
  /** Empty: all. */
  readonly service: string
  /** Empty: none is chosen. */
  readonly name: string
  /** Empty: each series has a line. */
  readonly by: string
  readonly minutes: number
}

const usualMinutes = 30

/** The place with these words: `#/explore/SERVICE/METRIC/LABEL/MINUTES`. */
export function placeOf([, service = '', name = '', by = '', minutes = '']: readonly string[]): Place {
  const known = spans.find((span) => String(span.minutes) === minutes)
  return { service, name, by, minutes: known?.minutes ?? usualMinutes }
}

/** The address of a place. */
export function addressOf({ service, name, by, minutes }: Place): string {
  const words = [service, name, by, minutes === usualMinutes ? '' : String(minutes)]
  while (words.at(-1) === '') words.pop()
  return ['#/explore', ...words.map(encodeURIComponent)].join('/')
}

/** The metrics with all words of a text in their name, type or description, and how many more there are. */
export function found(metrics: readonly Metric[], search: string, most: number): { shown: Metric[]; more: number } {
  const words = search.toLowerCase().split(/\s+/)
  const all = metrics.filter(({ name, type, help }) => {
    const text = `${name} ${type} ${help ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  return { shown: all.slice(0, most), more: Math.max(0, all.length - most) }
}

/** The services of the stack, then what else has metrics, and what is chosen. */
export function choicesOf(own: readonly string[], others: readonly string[], chosen: string): string[] {
  return [...new Set([...own, ...others, chosen])].filter((name) => name !== '')
}

/** Which of several a key leads to; undefined if it leads nowhere. */
export function movedBy(key: string, from: number, count: number): number | undefined {
  const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: count - 1 }[key]
  return to === undefined || count === 0 ? undefined : Math.min(count - 1, Math.max(0, to))
}
