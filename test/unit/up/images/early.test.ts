import { expect, test } from 'vitest'
import { type EarlyWork, earlyImages } from '../../../../src/up/images/early.ts'
import type { ImageWork } from '../../../../src/up/images/work.ts'

const { signal } = new AbortController()
const image = (owner: string): ImageWork => ({ owner, reference: `r/${owner}:1`, request: undefined })
const ignore = () => {}

/** Begins with images of these owners. `make` is called for each. */
function begun(owners: readonly string[], make: EarlyWork['make']) {
  const early = earlyImages(signal)
  early.begin({ wanted: async () => owners.map(image), make })
  return early
}

test('whoever takes an image waits for it, sees its output, and learns whether it was built', async () => {
  const end = Promise.withResolvers<void>()
  const early = begun(['web', 'db'], async ({ owner }, onLine) => {
    await end.promise
    onLine(`the last line of ${owner}`)
    return owner === 'web'
  })
  const lines: string[] = []
  const taken = ['web', 'db', 'other'].map((owner) => early.take(owner, (line) => lines.push(line)))
  expect(await taken[2]).toBe(false)
  expect(lines).toEqual([])
  end.resolve()
  expect(await Promise.all(taken)).toEqual([true, false, false])
  expect(lines).toEqual(['the last line of web', 'the last line of db'])
})

test('two images are made at once, each of them once', async () => {
  const made: string[] = []
  const ends = new Map(['a', 'b', 'c'].map((owner) => [owner, Promise.withResolvers<void>()]))
  const early = begun([...ends.keys()], async ({ owner }) => {
    made.push(owner)
    await ends.get(owner)?.promise
    return true
  })
  const c = early.take('c', ignore)
  await expect.poll(() => made).toEqual(['a', 'b'])
  ends.get('b')?.resolve()
  await expect.poll(() => made).toEqual(['a', 'b', 'c'])
  ends.get('c')?.resolve()
  expect(await c).toBe(true)
  ends.get('a')?.resolve()
  expect([await early.take('a', ignore), await early.take('a', ignore)]).toEqual([true, false])
})

test('an image that cannot be made does not keep the others from being made, and is left for who takes it', async () => {
  const early = begun(['broken', 'web'], async ({ owner }) => {
    if (owner === 'broken') throw new Error('no such base')
    return true
  })
  expect([await early.take('broken', ignore), await early.take('web', ignore)]).toEqual([false, true])
})

test('what cannot be known early is left for later', async () => {
  const early = earlyImages(signal)
  expect(await early.take('web', ignore)).toBe(false)
  early.begin({ wanted: () => Promise.reject(new Error('a broken manifest')), make: async () => true })
  expect(await early.take('web', ignore)).toBe(false)
  await early.stop()
})

test('stop interrupts what is on its way and waits for its end, and nothing begins after it', async () => {
  const made: string[] = []
  const ended: string[] = []
  const early = begun(['a', 'b', 'c'], async ({ owner }, _onLine, either) => {
    either.throwIfAborted()
    made.push(owner)
    await new Promise((resolve) => either.addEventListener('abort', () => setTimeout(resolve, 5)))
    ended.push(owner)
    throw either.reason
  })
  await expect.poll(() => made).toEqual(['a', 'b'])
  await early.stop()
  expect(ended).toEqual(['a', 'b'])
  expect(made).toEqual(['a', 'b'])
})
