import { expect, test } from 'vitest'
import { DevkError } from '../../../../src/errors.ts'
import type { Supply } from '../../../../src/platform/image-sources.ts'
import type { Preset } from '../../../../src/presets/folder.ts'
import { presetImages } from '../../../../src/up/presets/images.ts'

const { signal } = new AbortController()
const digest = `sha256:${'a'.repeat(64)}`

interface World {
  /** Images on the engine, with the digests from registries. */
  readonly engine: Map<string, readonly string[]>
  readonly registry?: readonly string[]
  readonly kit?: readonly string[]
}

function supply({ engine, registry = [], kit = [] }: World) {
  const pulls: string[] = []
  const images = {
    inspect: async (name: string) => (engine.has(name) ? { repoDigests: engine.get(name) } : undefined),
    remove: async (name: string) => void engine.delete(name),
    pull: async (name: string) => {
      pulls.push(name)
      if (!registry.includes(name)) throw new DevkError('IMAGE_MISSING', `${name} cannot be pulled`)
      engine.set(name, [`${name}@${digest}`])
    },
  }
  const source = {
    engine: { images },
    offersKit: (name: string) => kit.includes(name),
    credentials: async () => undefined,
    seen: { digestOf: async () => undefined, record: async () => {}, fileOf: (name: string) => name },
    buildKit: async (names: readonly string[]) => {
      for (const name of names) engine.set(name, [])
    },
  }
  return { source: source as unknown as Supply, pulls }
}

const preset = (image: Partial<Preset['images'][number]> = {}) =>
  ({ images: [{ image: 'mail:2.0', available: true, ...image }] }) as unknown as Preset
const run = (own: Preset, source: Supply) =>
  presetImages({ preset: own, written: ['mail:2.0'] }, source, () => {}, signal)

test('an image that the engine has is not pulled', async () => {
  const { source, pulls } = supply({ engine: new Map([['mail:2.0', []]]) })
  expect(await run(preset(), source)).toEqual({ images: new Map([['mail:2.0', 'mail:2.0']]) })
  expect(pulls).toEqual([])
})

test("the published image is preferred to the kit's", async () => {
  const { source } = supply({ engine: new Map(), registry: ['mail:2.0'], kit: ['mail:1.9'] })
  expect(await run(preset({ kit: 'mail:1.9' }), source)).toEqual({ images: new Map([['mail:2.0', 'mail:2.0']]) })
})

test('the kit builds its own version when no registry answers', async () => {
  const { source, pulls } = supply({ engine: new Map(), kit: ['mail:1.9'] })
  const own = preset({ kit: 'mail:1.9' })
  expect(await run(own, source)).toEqual({ images: new Map([['mail:2.0', 'mail:1.9']]) })
  pulls.length = 0
  expect(await run(own, source)).toEqual({ images: new Map([['mail:2.0', 'mail:1.9']]) })
  expect(pulls).toEqual([])
})

test('an image that cannot be pulled or built is unavailable, with the reason and how to get it', async () => {
  const { source } = supply({ engine: new Map() })
  const own = preset({ available: false, reason: 'no package carries it', get: 'docker load it' })
  expect(await run(own, source)).toEqual({
    unavailable: 'mail:2.0 is not available: no package carries it',
    get: 'docker load it',
  })
})

test('an image with another digest than the preset names is refused', async () => {
  const { source } = supply({ engine: new Map([['mail:2.0', ['mail@sha256:other']]]) })
  await expect(run(preset({ digest }), source)).rejects.toMatchObject({
    code: 'IMAGE_CHANGED',
    details: [`expected ${digest}`, 'the engine has mail@sha256:other'],
  })
})

test('an image with the digest is accepted, and so is one that was built here', async () => {
  const { source } = supply({ engine: new Map([['mail:2.0', [`mail@${digest}`]]]) })
  expect(await run(preset({ digest }), source)).toHaveProperty('images')
  const loaded = supply({ engine: new Map([['mail:2.0', []]]) })
  expect(await run(preset({ digest }), loaded.source)).toHaveProperty('images')
})
