import { expect, test } from 'vitest'
import { actionIn } from '../../../../src/commands/actions/request.ts'

test.each([
  [{ action: 'rollback', name: 'api', to: 2 }],
  [{ action: 'rollback', name: 'api' }],
  [{ action: 'switch', name: 'gateway', to: 'v2.1' }],
  [{ action: 'pause', name: 'todo' }],
])('%j is an action', (value) => {
  expect(actionIn(value)).toEqual(value)
})

test.each([
  [{ action: 'rollback', name: 'api', to: 'green' }],
  [{ action: 'rollback', name: 'api', to: -1 }],
  [{ action: 'switch', name: 'gateway' }],
  [{ action: 'switch', name: 'gateway', to: '--all' }],
  [{ action: 'switch', name: 'gateway', to: "green'; true" }],
  [{ action: 'restart', name: 'api', to: 1 }],
])('%j is none', (value) => {
  expect(actionIn(value)).toBeUndefined()
})
