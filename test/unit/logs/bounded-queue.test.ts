import { expect, test } from 'vitest'
import { batches } from '../../../src/logs/bounded-queue.ts'

test('items are read in order, and the end ends the reader', async () => {
  const queue = batches<number>(100, 1, new AbortController().signal)
  void queue.put(1, 1)
  void queue.put(2, 1)
  queue.end()
  const read = []
  for await (const batch of queue.read()) read.push(...batch)
  expect(read).toEqual([1, 2])
})

test('a writer waits while the queue is full, and continues when it was read', async () => {
  const queue = batches<number>(10, 1, new AbortController().signal)
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
  const queue = batches<number>(1, 1, stop.signal)
  const full = queue.put(1, 1)
  const reader = queue.read()
  await reader.next()
  const next = reader.next()
  stop.abort()
  await full
  expect(await next).toEqual({ value: undefined, done: true })
})
