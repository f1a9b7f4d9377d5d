import { expect, test } from 'vitest'
import { retried } from '../../../src/lib/retry.ts'

function failing(times: number) {
  const reported: string[] = []
  let attempts = 0
  const run = async () => {
    attempts += 1
    if (attempts <= times) throw new Error(`attempt ${attempts}`)
    return attempts
  }
  const options = {
    pausesMs: [1, 2],
    mayPass: () => true,
    onPause: (error: unknown, pauseMs: number) => reported.push(`${(error as Error).message}, ${pauseMs} ms`),
    signal: new AbortController().signal,
  }
  return { run, reported, options }
}

test('a call that fails is repeated after each pause, and no more often', async () => {
  const twice = failing(2)
  expect(await retried(twice.run, twice.options)).toBe(3)
  expect(twice.reported).toEqual(['attempt 1, 1 ms', 'attempt 2, 2 ms'])
  const always = failing(9)
  await expect(retried(always.run, always.options)).rejects.toThrow('attempt 3')
})

test('a permanent error and an abort end the repetition', async () => {
  const lasting = failing(1)
  await expect(retried(lasting.run, { ...lasting.options, mayPass: () => false })).rejects.toThrow('attempt 1')
  const stopped = failing(1)
  const signal = AbortSignal.abort(new Error('stopped'))
  await expect(retried(stopped.run, { ...stopped.options, signal })).rejects.toThrow('stopped')
  expect([lasting.reported, stopped.reported]).toEqual([[], []])
})
