import type { Labelled, Line } from './prometheus.ts'

/** A series, and what its name begins with: `p95`, or nothing. */
export interface Named extends Labelled {
  readonly prefix: string
}

const longestName = 200

/**
 * The lines of series: the highest ones by their last values, in the order of their names, and how many more there are.
 * A line is named by the labels in which the series differ, and by the label `by` (empty: none). Pure.
 */
export function drawnLines(
  series: readonly Named[],
  by: string,
  most: number,
): { readonly lines: Line[]; readonly more: number } {
  const telling = [...new Set([...(by === '' ? [] : [by]), ...differing(series.map(({ labels }) => labels))])]
  const all = series.map((each) => ({ name: nameOf(each, telling), values: each.values, last: lastOf(each) }))
  const highest = all.sort((a, b) => b.last - a.last).slice(0, most)
  const lines = highest.map(({ name, values }) => ({ name, values }))
  return {
    lines: lines.sort((a, b) => (sortKey(a.name) < sortKey(b.name) ? -1 : 1)),
    more: Math.max(0, series.length - most),
  }
}

/** Puts 9 before 10, and 0.25 before 0.5. */
function sortKey(name: string): string {
  return name.replace(/\d{1,15}(?:\.\d{1,15})?/g, (number) => Number(number).toFixed(15).padStart(32, '0'))
}

/** The names of labels that do not have the same value in all series; one that a series lacks differs. */
function differing(all: readonly Labelled['labels'][]): string[] {
  const names = [...new Set(all.flatMap(Object.keys))].filter((name) => name !== '__name__').sort()
  return names.filter((name) => new Set(all.map((labels) => ownLabel(labels, name))).size > 1)
}

function nameOf({ labels, prefix }: Named, telling: readonly string[]): string {
  const told = telling.flatMap((name) => {
    const value = ownLabel(labels, name)
    return value === undefined ? [] : [`${name}=${value}`]
  })
  const text = [prefix, told.join(', ')].filter((part) => part !== '').join(' ')
  if (text === '') return telling.length > 0 ? 'without these labels' : 'value'
  return text.length > longestName ? `${text.slice(0, longestName)}…` : text
}

/** Labels may have the names of what each object inherits. */
function ownLabel(labels: Labelled['labels'], name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined
}

function lastOf({ values }: Labelled): number {
  return values.findLast((value) => value !== null) ?? Number.NEGATIVE_INFINITY
}
