import { stripVTControlCharacters } from 'node:util'
import { duration } from '../lib/text.ts'
import { cut, padTo } from '../lib/wrap.ts'

const widest = 100

/**
 * The line of a step, such as `Cluster     kind-todo  1 control plane                34s`. It fits into `columns`
 * together with the mark before it (two columns). The time is right-aligned, and left out below one second. Pure.
 */
export function stepLine(title: string, note: string, ms: number, columns: number): string {
  const width = Math.min(columns, widest) - 4
  const time = ms < 1000 ? '' : duration(ms)
  const room = Math.max(8, width - time.length - 2)
  const text = cut(`${title.padEnd(11)} ${oneLine(note)}`.trimEnd(), room)
  return time === '' ? text : `${padTo(text, width - time.length)}${time}`
}

/** Output of a program as part of one line: without control characters, and with single spaces. Pure. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

/** The states of several things on one line: `✔ backend 4.1s  ◐ frontend step 7/12`. Pure. */
export function together(states: ReadonlyMap<string, { readonly done: boolean; readonly text: string }>): string {
  return [...states]
    .map(([name, { done, text }]) => `${done ? '✔' : '◐'} ${name} ${oneLine(text)}`.trimEnd())
    .join('  ')
}
