import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inParallel } from '../../../src/lib/parallel.ts'

test('gives the results in the order of the items', async () => {
  const slowFirst = async (ms: number) => sleep(ms, ms)
  expect(await inParallel([20, 1, 10], 3, slowFirst)).toEqual([20, 1, 10])
})

test('an undefined result keeps its place', async () => {
  expect(await inParallel([1, 2], 1, async (n) => (n === 1 ? undefined : n))).toEqual([undefined, 2])
})

test('runs at most as many as the limit says', async () => {
  let running = 0
  let most = 0
  await inParallel([1, 2, 3, 4, 5], 2, async () => {
    running += 1
    most = Math.max(most, running)
    await sleep(2)
    running -= 1
  })
  expect(most).toBe(2)
})

test('a failure is thrown when all that run have ended, and nothing is started after it', async () => {
  const ended: string[] = []
  const run = async (item: string) => {
    await sleep(item === 'bad' ? 5 : 20)
    if (item === 'bad') throw new Error('first failure')
    ended.push(item)
  }
  await expect(inParallel(['bad', 'slow', 'late'], 2, run)).rejects.toThrow('first failure')
  expect(ended).toEqual(['slow'])
})
