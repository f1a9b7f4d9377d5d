import { stripVTControlCharacters } from 'node:util'
import { duration } from '../lib/text.ts'
import { cut, padTo } from '../lib/wrap.ts'

const widest = 100

/** `Cluster     kind-todo  1 control plane                34s`: fits `columns` with the two of the state mark; the figure stands at the right. */
export function stepLine(title: string, note: string, ms: number, columns: number): string {
  const width = Math.min(columns, widest) - 4
  const figure = ms < 1000 ? '' : duration(ms)
  const room = Math.max(8, width - figure.length - 2)
  const text = cut(`${title.padEnd(11)} ${oneLine(note)}`.trimEnd(), room)
  return figure === '' ? text : `${padTo(text, width - figure.length)}${figure}`
}

/** Output of a program as part of one line: no control characters, single spaces. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

/** The state of several things on one line: `✔ backend 4.1s  ◐ frontend step 7/12`. */
export function together(states: ReadonlyMap<string, { readonly done: boolean; readonly text: string }>): string {
  return [...states]
    .map(([name, { done, text }]) => `${done ? '✔' : '◐'} ${name} ${oneLine(text)}`.trimEnd())
    .join('  ')
}
