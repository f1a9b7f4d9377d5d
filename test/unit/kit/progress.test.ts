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
  { when: 'a running recipe counts with its remaining time', done: [], elapsed: { kubernetes: 100 }, remaining: 450 },
  { when: 'all recipes of a long chain count', done: ['etcd', 'kubernetes'], elapsed: { rootfs: 30 }, remaining: 70 },
  {
    when: 'a recipe that takes longer than expected has a second left',
    done: ['etcd', 'rootfs'],
    elapsed: { kubernetes: 900 },
    remaining: 41,
  },
  { when: 'all recipes are done', done: ['kubernetes', 'etcd', 'rootfs', 'node'], elapsed: {}, remaining: 0 },
])('$when, $remaining s remain', ({ done, elapsed, remaining }) => {
  expect(remainingSeconds(recipes, new Set(done), new Map(Object.entries(elapsed)))).toBe(remaining)
})
