import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { resolveConfig } from '../../../../src/config/resolve.ts'
import { configSchema } from '../../../../src/config/schema.ts'
import type { Supply } from '../../../../src/platform/image-sources.ts'
import { anyway, supplyImage, untilUnchanged } from '../../../../src/up/images/supply.ts'
import { imageWork } from '../../../../src/up/images/wanted.ts'

const { signal } = new AbortController()

/** An engine whose images are what its builder has read of the file `main.py`. */
function start() {
  const root = mkdtempSync(join(tmpdir(), 'devk-changing-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const file = join(root, 'main.py')
  writeFileSync(join(root, 'Dockerfile'), 'FROM scratch\nCOPY main.py /\n')
  writeFileSync(file, 'A')
  const images = new Map<string, string>()
  const during: { before?: () => void; after?: () => void }[] = []
  const store = {
    inspect: async (name: string) => (images.has(name) ? { id: name } : undefined),
    remove: async (name: string) => void images.delete(name),
  }
  const supply = {
    builder: {
      async build({ tag }: { tag: string }) {
        await sleep(20)
        const own = during.shift()
        own?.before?.()
        images.set(tag, readFileSync(file, 'utf8'))
        own?.after?.()
      },
    },
    engine: { images: store },
    loader: { load: async () => ({ via: 'none', ms: 0 }) },
  } as unknown as Supply
  const input = configSchema.parse({ name: 'shop', services: { api: { build: { context: '.' } } } })
  const config = resolveConfig(input, join(root, 'c.json'), root)
  const options = {
    cacheFolder: join(root, '.cache'),
    keyFile: join(root, '.key'),
    clock: Date.now,
    env: {},
    registry: 'r:1',
    supervisor: { folder: '', program: () => Promise.reject(new Error('no service needs it')) },
    runner: { spawn: () => expect.unreachable('no service has a command') },
    outsideFolder: '',
    signal,
  }
  /** Names, builds and loads the image; resolves with its name. */
  const up = () =>
    untilUnchanged(async (isLast) => {
      const [work] = await imageWork(config, { ...options, images: store as never })
      if (work === undefined) throw new Error('no image')
      await supplyImage(isLast ? anyway(work) : work, { supply, route: { remote: false } as never }, () => {}, signal)
      return work.reference
    })
  const write = (text: string) => () => writeFileSync(file, text)
  return { up, images, during, write }
}

test('a file that changes and changes back while the builder reads it: the image has what its name says', async () => {
  const { up, images, during, write } = start()
  during.push({ before: write('B'), after: write('A') })
  const name = await up()
  expect(images.get(name)).toBe('A')
})

test('a file that changes during a build: no image has the name of the sources that it lacks', async () => {
  const { up, images, during, write } = start()
  during.push({ before: write('B') })
  const second = await up()
  expect([...images]).toEqual([[second, 'B']])
  write('A')()
  expect(images.get(await up())).toBe('A')
})

test('a file that is written during each build does not keep the stack from coming up', async () => {
  const { up, images, during, write } = start()
  during.push({ after: write('1') }, { after: write('2') }, { after: write('3') })
  expect(images.get(await up())).toBe('2')
})
