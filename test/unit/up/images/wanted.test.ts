import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { resolveConfig } from '../../../../src/config/resolve.ts'
import { configSchema } from '../../../../src/config/schema.ts'
import { imageWork } from '../../../../src/up/images/wanted.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-unit-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const { signal } = new AbortController()
const write = async (files: Record<string, string>) => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

/** The works of services with a folder each, by name; the engine has these images. */
async function works(services: Record<string, object>, images: Record<string, string> = {}) {
  const given = Object.entries(services).map(([name, more]) => [name, { build: { context: name, ...more } }])
  const raw = configSchema.parse({ name: 'shop', services: Object.fromEntries(given) })
  const inspect = async (reference: string) =>
    images[reference] === undefined ? undefined : ({ id: images[reference], triggers: false } as never)
  const options = {
    cacheFolder: join(folder, '.cache'),
    keyFile: join(folder, '.key'),
    clock: Date.now,
    env: {},
    registry: 'r:1',
    supervisor: { folder: '', program: () => Promise.reject(new Error('no service needs it')) },
    runner: { spawn: () => expect.unreachable('no service has a command') },
    outsideFolder: '',
    signal,
  }
  const found = await imageWork(resolveConfig(raw, join(folder, 'c.json'), folder), { ...options, images: { inspect } })
  return Object.fromEntries(found.map((work) => [work.owner, work]))
}

test('an image that is built from another service has its image as a context, and changes with it', async () => {
  await write({ 'base/Dockerfile': 'FROM scratch\nCOPY lib /', 'base/lib': '1', 'api/Dockerfile': 'FROM base\n' })
  const before = await works({ base: {}, api: {} })
  expect(before.api?.bases?.map(({ owner }) => owner)).toEqual(['base'])
  expect(before.api?.request?.contexts).toEqual({ base: `docker-image://${before.base?.reference}` })
  await write({ 'base/lib': '2' })
  const after = await works({ base: {}, api: {} })
  expect(after.base?.reference).not.toBe(before.base?.reference)
  expect(after.api?.reference).not.toBe(before.api?.reference)
})

test('a context may name a service, a folder or an image', async () => {
  await write({ 'base/Dockerfile': 'FROM scratch', 'api/Dockerfile': 'FROM b\nCOPY --from=s x /\nCOPY --from=i y /' })
  const contexts = { b: 'service:base', s: 'shared', i: 'docker-image://alpine:3' }
  await write({ 'shared/x': '1' })
  const first = await works({ base: {}, api: { contexts } }, { 'alpine:3': 'sha256:1' })
  expect(first.api?.request?.contexts).toEqual({
    b: `docker-image://${first.base?.reference}`,
    s: join(folder, 'shared'),
    i: 'docker-image://alpine:3',
  })
  const second = await works({ base: {}, api: { contexts } }, { 'alpine:3': 'sha256:2' })
  expect(second.api?.reference).not.toBe(first.api?.reference)
})

test('images that are built from each other are refused with their names', async () => {
  await write({ 'a/Dockerfile': 'FROM b', 'b/Dockerfile': 'FROM a' })
  await expect(works({ a: {}, b: {} })).rejects.toMatchObject({ code: 'CONFIG_INVALID', details: ['a → b → a'] })
})

test('a new base image on the engine gives another name, also to what is built from it', async () => {
  await write({ 'base/Dockerfile': 'FROM alpine', 'api/Dockerfile': 'FROM base' })
  const images: Record<string, string> = {}
  const unknown = await works({ base: {}, api: {} }, images)
  images.alpine = 'sha256:1'
  const known = await works({ base: {}, api: {} }, images)
  expect(known.api?.reference).not.toBe(unknown.api?.reference)
  expect(await unknown.api?.nameNow?.(signal)).toBe(known.api?.reference)
  const other = await works({ base: {}, api: {} }, { alpine: 'sha256:2' })
  expect(other.base?.reference).not.toBe(known.base?.reference)
})
