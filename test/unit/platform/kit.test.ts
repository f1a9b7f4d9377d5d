import { expect, test } from 'vitest'
import type { KitProgress } from '../../../src/kit/kit.ts'
import { kitLines } from '../../../src/platform/kit.ts'

const event = (recipe: string, state: KitProgress['state'], elapsed = 0, remaining = 60): KitProgress => ({
  recipe,
  state,
  expectedSeconds: 30,
  elapsed,
  remaining,
})
const build = [
  event('a', 'waiting'),
  event('b', 'waiting'),
  event('a', 'running'),
  event('b', 'running'),
  event('a', 'running', 1, 59),
  event('a', 'done', 2, 58),
  event('b', 'running', 3, 57),
  event('b', 'done', 4, 0),
]

function lines(live: boolean): string[] {
  const said: string[] = []
  const tell = kitLines((line) => said.push(line), live)
  for (const one of build) tell(one)
  return said
}

test('without a terminal each recipe prints one line at its start and one at its end', () => {
  expect(lines(false)).toEqual([
    'building a, about 1m 0s left',
    'building a, b, about 1m 0s left',
    'a built in 2.0s, about 58s left',
    'b built in 4.0s',
  ])
})

test('on a terminal the time left is updated', () => {
  expect(lines(true).filter((line) => line.startsWith('building'))).toEqual([
    'building a, about 1m 0s left',
    'building a, b, about 1m 0s left',
    'building a, b, about 59s left',
    'building b, about 57s left',
  ])
})
