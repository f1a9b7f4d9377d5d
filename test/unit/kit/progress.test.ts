import { expect, test } from 'vitest'
import { remainingSeconds } from '../../../src/kit/progress.ts'
import { testRecipe } from './recipes.ts'

const compile = (name: string, seconds: number) => testRecipe(name, [], { lane: 'compile', seconds })
const recipes = [
  compile('kubernetes', 500),
  compile('etcd', 50),
  testRecipe('rootfs', [], { seconds: 60 }),
  testRecipe('node', ['kubernetes', 'etcd', 'rootfs'], { seconds: 40 }),
]

test.each([
  { when: 'at the start the compilations share the processor', done: [], elapsed: {}, remaining: 550 },
  { when: 'what runs counts with what is left of it', done: [], elapsed: { kubernetes: 100 }, remaining: 450 },
  { when: 'a long chain counts whole', done: ['etcd', 'kubernetes'], elapsed: { rootfs: 30 }, remaining: 70 },
  {
    when: 'what takes too long is nearly through',
    done: ['etcd', 'rootfs'],
    elapsed: { kubernetes: 900 },
    remaining: 41,
  },
  { when: 'nothing is left', done: ['kubernetes', 'etcd', 'rootfs', 'node'], elapsed: {}, remaining: 0 },
])('$when, $remaining s remain', ({ done, elapsed, remaining }) => {
  expect(remainingSeconds(recipes, new Set(done), new Map(Object.entries(elapsed)))).toBe(remaining)
})
