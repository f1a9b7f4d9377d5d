import { expect, test } from 'vitest'
import { byTrailingNumber } from '../../../src/lib/order.ts'

test('a number at the end of a name sorts as a number, and no number comes first', () => {
  const names = ['todo-worker10', 'todo-worker', 'todo-worker2', 'todo-worker9', 'todo-worker11']
  expect(names.sort(byTrailingNumber)).toEqual([
    'todo-worker',
    'todo-worker2',
    'todo-worker9',
    'todo-worker10',
    'todo-worker11',
  ])
})

test('other names sort as text', () => {
  expect(['todo-m03', 'todo-m02', 'todo-m02'].sort(byTrailingNumber)).toEqual(['todo-m02', 'todo-m02', 'todo-m03'])
})
