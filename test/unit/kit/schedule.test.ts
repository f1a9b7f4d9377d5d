import { expect, test } from 'vitest'
import type { Recipe } from '../../../src/kit/recipe.ts'
import { runInOrder } from '../../../src/kit/schedule.ts'
import { testRecipe } from './recipes.ts'

const lanes = { compile: 2, light: 2 }
const never = new AbortController().signal

/** Builds that run until the test ends them. */
function handBuilds() {
  const open = new Map<string, { end: () => void; fail: (error: Error) => void }>()
  const make = (recipe: Recipe, signal: AbortSignal): Promise<void> =>
    new Promise<void>((resolve, reject) => {
      open.set(recipe.name, { end: resolve, fail: reject })
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    }).finally(() => open.delete(recipe.name))
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    make,
    running: () => [...open.keys()].sort(),
    async end(name: string) {
      open.get(name)?.end()
      await settle()
    },
    async fail(name: string, error: Error) {
      open.get(name)?.fail(error)
      await settle()
    },
  }
}

test('two recipes compile at a time, the longest first, and light recipes run alongside', async () => {
  const builds = handBuilds()
  const compile = (name: string, seconds: number): Recipe => testRecipe(name, [], { lane: 'compile', seconds })
  const recipes = [compile('short', 5), compile('long', 500), compile('middle', 50), testRecipe('rootfs')]
  const all = runInOrder(recipes, lanes, builds.make, never)
  expect(builds.running()).toEqual(['long', 'middle', 'rootfs'])
  await builds.end('middle')
  expect(builds.running()).toEqual(['long', 'rootfs', 'short'])
  for (const name of ['long', 'rootfs', 'short']) await builds.end(name)
  await all
})

test('a short recipe that others wait for starts before a long one', async () => {
  const builds = handBuilds()
  const one = { compile: 1, light: 1 }
  const recipes = [
    testRecipe('alone', [], { seconds: 40 }),
    testRecipe('base'),
    testRecipe('top', ['base'], { seconds: 45 }),
  ]
  const all = runInOrder(recipes, one, builds.make, never)
  for (const name of ['base', 'top', 'alone']) {
    expect(builds.running()).toEqual([name])
    await builds.end(name)
  }
  await all
})

test('a recipe starts when its last dependency is done', async () => {
  const builds = handBuilds()
  const all = runInOrder([testRecipe('a'), testRecipe('b'), testRecipe('c', ['a', 'b'])], lanes, builds.make, never)
  await builds.end('a')
  expect(builds.running()).toEqual(['b'])
  await builds.end('b')
  expect(builds.running()).toEqual(['c'])
  await builds.end('c')
  await all
})

test('a dependency that is already built does not delay a recipe', async () => {
  const builds = handBuilds()
  const all = runInOrder([testRecipe('c', ['present'])], lanes, builds.make, never)
  expect(builds.running()).toEqual(['c'])
  await builds.end('c')
  await all
})

test('a failure stops the running recipes, starts no other, and is thrown', async () => {
  const builds = handBuilds()
  const all = runInOrder([testRecipe('a'), testRecipe('b'), testRecipe('c', ['a'])], lanes, builds.make, never)
  const outcome = expect(all).rejects.toThrow('disk full')
  await builds.fail('b', new Error('disk full'))
  await outcome
  expect(builds.running()).toEqual([])
})

test('an abort stops the running recipes and throws the reason', async () => {
  const builds = handBuilds()
  const stop = new AbortController()
  const all = runInOrder([testRecipe('a'), testRecipe('b', ['a'])], lanes, builds.make, stop.signal)
  const outcome = expect(all).rejects.toThrow('Ctrl-C')
  stop.abort(new Error('Ctrl-C'))
  await outcome
  expect(builds.running()).toEqual([])
})
