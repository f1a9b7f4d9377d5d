import { expect, test } from 'vitest'
import { innermost } from '../../../src/debug/processes.ts'

const tree = [
  { pid: 1, parent: 0 },
  { pid: 9, parent: 1 },
  { pid: 7, parent: 1 },
  { pid: 12, parent: 9 },
]

test('a process that has started another one of the list is not chosen, and of the rest the first one is', () => {
  expect(innermost(tree, tree)?.pid).toBe(7)
  expect(innermost([{ pid: 1, parent: 0 }, tree[3] as (typeof tree)[0]], tree)?.pid).toBe(12)
  expect(innermost([{ pid: 9, parent: 1 }], tree)?.pid).toBe(9)
  expect(innermost([], tree)).toBeUndefined()
})

test('parents that form a circle, as process IDs of two moments can, end the search', () => {
  const circle = [
    { pid: 5, parent: 3 },
    { pid: 3, parent: 4 },
    { pid: 4, parent: 3 },
  ]
  expect(
    innermost(
      [
        { pid: 5, parent: 3 },
        { pid: 6, parent: 0 },
      ],
      circle,
    )?.pid,
  ).toBe(5)
})
