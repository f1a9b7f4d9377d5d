import { expect, test } from 'vitest'
import type { Engine } from '../../../src/engine/api.ts'
import { removeImage } from '../../../src/platform/remove-image.ts'

const signal = new AbortController().signal

/** An engine whose removal of images fails with this status. */
function engine(statusCode?: number): Engine {
  const remove = async () => {
    if (statusCode !== undefined) throw Object.assign(new Error('refused'), { statusCode })
  }
  return { images: { remove } } as unknown as Engine
}

test('an image that a container uses stays, and another failure is one', async () => {
  expect(await removeImage(engine(), 'web:1', signal)).toBe(true)
  expect(await removeImage(engine(409), 'web:1', signal)).toBe(false)
  await expect(removeImage(engine(500), 'web:1', signal)).rejects.toThrow('refused')
})
