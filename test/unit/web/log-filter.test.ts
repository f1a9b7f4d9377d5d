import { expect, test } from 'vitest'
import { compile, type LineFilter, noFilter, toggled } from '../../../web/log-filter.ts'
import { entriesOf } from '../../../web/log-folds.ts'
import { line } from '../../browser/support/states.ts'

const shown = (filter: Partial<LineFilter>) => {
  const test = compile({ ...noFilter, ...filter })
  if (typeof test !== 'function') return test
  const lines = [
    line('ERROR lost'),
    line('GET /ready 200', { service: 'frontend' }),
    line('debug: x'),
    line('{"level":"info","msg":"GET /","status":500}'),
    line('Unhandled'),
    line('    at f (/app/x.js:1:1)'),
    line('}, error: deep'),
  ]
  const entries = entriesOf(lines.map((each, id) => ({ ...each, id, stream: each.service })))
  return entries.filter(test).map((entry) => entry.line.text)
}

test('lines are filtered by expression, service and level', () => {
  expect(shown({})).toHaveLength(6)
  expect(shown({ pattern: 'ready|LOST' })).toEqual(['ERROR lost', 'GET /ready 200'])
  expect(shown({ service: 'frontend' })).toEqual(['GET /ready 200'])
  expect(shown({ level: 'info' })).not.toContain('debug: x')
  expect(shown({ level: 'error' })).toEqual(['ERROR lost', '}, error: deep'])
})

test('lines are filtered by the values of their fields', () => {
  const status = { name: 'status', value: '500' }
  expect(shown({ fields: [status] })).toEqual(['{"level":"info","msg":"GET /","status":500}'])
  expect(shown({ fields: [status, { name: 'level', value: 'error' }] })).toEqual([])
  expect(toggled(noFilter, status).fields).toEqual([status])
  expect(toggled(toggled(noFilter, status), { ...status }).fields).toEqual([])
})

test('a stack trace is found by each of its lines', () => {
  expect(shown({ pattern: 'x\\.js' })).toEqual(['Unhandled'])
})

test('a wrong expression says why', () => {
  expect(shown({ pattern: '(' })).toEqual({ problem: expect.stringContaining('Unterminated group') })
})
