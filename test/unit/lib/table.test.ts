import { expect, test } from 'vitest'
import { table } from '../../../src/lib/table.ts'

const columns = [
  { title: 'SERVICE' },
  { title: 'STATE' },
  { title: 'IMAGE', optional: true },
  { title: 'URL', flexible: true },
]
const rows = [
  { cells: ['frontend', 'ready', '3f9c2a1', 'http://todo.localhost:8080'] },
  {
    cells: ['backend', 'failed', 'a81be07', 'http://api.todo.localhost:8080/with/a/long/path'],
    notes: ['readiness /ready answers 503'],
  },
]

test('columns are aligned, and notes are below their rows', () => {
  expect(table(columns, rows, 100)).toEqual([
    'SERVICE   STATE   IMAGE    URL',
    'frontend  ready   3f9c2a1  http://todo.localhost:8080',
    'backend   failed  a81be07  http://api.todo.localhost:8080/with/a/long/path',
    '          readiness /ready answers 503',
  ])
})

test('in 60 columns optional columns are left out, then flexible ones shrink', () => {
  const lines = table(columns, rows, 60)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
  expect(lines[0]).toBe('SERVICE   STATE   URL')
  expect(lines[2]).toMatch(/…$/)
})

test('a column that is empty in every row is left out', () => {
  expect(table([{ title: 'A' }, { title: 'B' }], [{ cells: ['1', ''] }], 60)).toEqual(['A', '1'])
})

test('colour does not change the layout', () => {
  const painted = table(columns, rows, 100, (text, _row, column) => (column === 1 ? `<${text}>` : text))
  expect(painted[1]).toBe('frontend  <ready >  3f9c2a1  http://todo.localhost:8080')
})

test('wide characters and emoji take two columns', () => {
  const wide = [{ cells: ['日本', '✅', 'x'] }, { cells: ['ab', 'ok', 'y'] }]
  expect(table([{ title: 'A' }, { title: 'B' }, { title: 'C' }], wide, 60)).toEqual([
    'A     B   C',
    '日本  ✅  x',
    'ab    ok  y',
  ])
})
