import { expect, test } from 'vitest'
import { compile, lineOf, merged, type Row, rowsOf } from '../../../web/timeline-model.ts'
import { happening } from '../../browser/support/states.ts'

const at = (second: number) => `2026-11-29T12:00:0${second}Z`
const row = (id: string, more: Partial<Row> = {}): Row => ({ ...happening('text'), id, ...more })
const ids = (rows: readonly Row[]) => rows.map(({ id }) => id)

test('rows are newest first, whatever the form of their times; one that comes again is at its new time only', () => {
  const first = merged([], [row('a', { time: at(1) }), row('b', { time: '2026-11-29T12:00:02.000001Z' })], 10)
  expect(ids(first)).toEqual(['b', 'a'])
  const again = merged(first, [row('a', { time: at(3), count: 2 }), row('c', { time: at(0) })], 10)
  expect(ids(again)).toEqual(['a', 'b', 'c'])
  expect(ids(merged(again, [row('d', { time: at(4) })], 2))).toEqual(['d', 'a'])
})

test('a change of state is a row; the first state of a part is no news', () => {
  const change = { time: at(1), kind: 'service', name: 'a', from: 'ready', to: 'failed', reason: 'it crashed' } as const
  expect(rowsOf([change, { ...change, from: null }])).toMatchObject([
    { source: 'state', names: ['a'], warning: true, text: 'ready → failed: it crashed' },
  ])
  expect(rowsOf([{ ...change, kind: 'cluster', to: 'away' }])).toMatchObject([{ names: [], object: 'cluster a' }])
})

test('the filter takes name, kind and text together, and says why a pattern is none', () => {
  const rows = [
    row('event', { warning: false }),
    row('warning'),
    row('devk', { source: 'devk', names: [], warning: false, object: null }),
    row('other', { names: ['a', 'frontend'], warning: false }),
  ]
  const through = (filter: Partial<Parameters<typeof compile>[0]>) => {
    const compiled = compile({ pattern: '', name: '', kind: '', ...filter })
    return typeof compiled === 'function' ? ids(rows.filter(compiled)) : compiled.problem
  }
  expect(through({})).toEqual(ids(rows))
  expect(through({ name: 'frontend' })).toEqual(['other'])
  expect(through({ kind: 'warning' })).toEqual(['warning'])
  expect(through({ kind: 'devk' })).toEqual(['devk'])
  expect(through({ pattern: 'BACKEND-6d4', name: 'backend' })).toEqual(['event', 'warning'])
  expect(through({ pattern: '(' })).toContain('Unterminated group')
})

test('a message of several lines is one line', () => {
  expect(lineOf(row('a', { text: 'one\r\n  two\u2028three', count: 3 }))).toBe(
    'Unhealthy Pod todo/backend-6d4-xk2p9 one two three (3 times)',
  )
})
