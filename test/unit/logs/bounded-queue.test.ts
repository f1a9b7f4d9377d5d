import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { batches } from '../../../src/logs/bounded-queue.ts'

const limits = { size: 10, gatherMs: 1, patienceMs: 60_000 }

test('items are read in order, and the end ends the reader', async () => {
  const queue = batches<number>({ ...limits, size: 100 }, new AbortController().signal)
  void queue.put(1, 1)
  void queue.put(2, 1)
  queue.end()
  const read = []
  for await (const batch of queue.read()) read.push(...batch)
  expect(read).toEqual([1, 2])
})

test('a writer waits while the queue is full, and continues when it was read', async () => {
  const queue = batches<number>(limits, new AbortController().signal)
  expect(queue.put(1, 9)).toBeUndefined()
  let room = false
  const full = Promise.resolve(queue.put(2, 9)).then(() => {
    room = true
  })
  await Promise.resolve()
  expect(room).toBe(false)
  expect(await queue.read().next()).toEqual({ value: [1, 2], done: false })
  await full
  expect(room).toBe(true)
})

test('the signal releases writers and reader', async () => {
  const stop = new AbortController()
  const queue = batches<number>({ ...limits, size: 1 }, stop.signal)
  const full = queue.put(1, 1)
  const reader = queue.read()
  await reader.next()
  const next = reader.next()
  stop.abort()
  await full
  expect(await next).toEqual({ value: undefined, done: true })
})

test('a writer does not wait for ever: items are refused until the reader reads again', async () => {
  const queue = batches<number>({ ...limits, patienceMs: 1 }, new AbortController().signal)
  await queue.put(1, 10)
  expect(queue.put(2, 1)).toBe(false)
  queue.force(3)
  const reader = queue.read()
  expect((await reader.next()).value).toEqual([1, 3])
  expect(queue.put(4, 1)).toBeUndefined()
  expect((await reader.next()).value).toEqual([4])
})

test('writers wait for a reader that is slow, and still at work on its batch', async () => {
  const queue = batches<number>({ ...limits, patienceMs: 30 }, new AbortController().signal)
  let isOver = false
  const full = Promise.resolve(queue.put(1, 10)).then(() => {
    isOver = true
  })
  for (let step = 0; step < 20; step += 1) {
    queue.reading()
    await sleep(5)
  }
  expect(isOver).toBe(false)
  await full
  expect(queue.put(2, 1)).toBe(false)
})
