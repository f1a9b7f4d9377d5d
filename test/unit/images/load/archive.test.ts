import { type PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Engine } from '../../../../src/engine/api.ts'
import { archiveImporter } from '../../../../src/images/load/archive.ts'

const signal = new AbortController().signal
const size = 1_000_000

/** An engine with images that share a layer. A node takes the layer from one archive at a time, each node from another one first. */
function sharedLayer(first: Readonly<Record<string, string>>): Pick<Engine, 'images' | 'exec'> {
  const streams: string[] = []
  const free = new Map(Object.keys(first).map((node) => [node, Promise.withResolvers<void>()]))
  const save = async ([reference = '']: readonly string[]) => {
    streams.push(reference)
    return Readable.from(Array.from({ length: 10 }, () => Buffer.alloc(size / 10)))
  }
  const run = async (node: string, _argv: readonly string[], { stdin }: { stdin: PassThrough }) => {
    const own = streams.at(-1)
    await new Promise((resolve) => setImmediate(resolve))
    // With two loads at once the other one holds the layer, and releases it when its archive is complete.
    if (streams.length > 1 && first[node] !== own) await free.get(node)?.promise
    for await (const _chunk of stdin) void _chunk
    free.get(node)?.resolve()
    return { exitCode: 0, stdout: '', stderr: '' }
  }
  return { images: { save } as unknown as Engine['images'], exec: { run } as unknown as Engine['exec'] }
}

test('images that share a layer are loaded into several nodes without a deadlock', async () => {
  const engine = sharedLayer({ a: 'web', b: 'api' }) as Engine
  const importArchive = archiveImporter(engine)
  const loaded = ['web', 'api'].map((reference) => importArchive(reference, ['a', 'b'], signal))
  expect(await Promise.all(loaded)).toEqual([size, size])
})

test('a load that fails does not block the next one', async () => {
  const engine = sharedLayer({ a: 'web' }) as Engine
  const save = engine.images.save
  Object.assign(engine.images, {
    save: (names: string[]) => (names[0] === 'gone' ? Promise.reject(new Error('gone')) : save(names, signal)),
  })
  const importArchive = archiveImporter(engine)
  const [gone, web] = ['gone', 'web'].map((reference) => importArchive(reference, ['a'], signal))
  await expect(gone).rejects.toThrow('gone')
  expect(await web).toBe(size)
})

test('loaders of different engines do not wait for each other', async () => {
  const stuck = { images: { save: () => new Promise(() => {}) } } as unknown as Engine
  void archiveImporter(stuck)('web', ['a'], signal)
  expect(await archiveImporter(sharedLayer({ a: 'web' }) as Engine)('web', ['a'], signal)).toBe(size)
})
