import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dockerEngine } from '../../../../src/engine/engine.ts'
import {
  deleteTag,
  findManifest,
  leaveRegistry,
  listRegistry,
  projectsInRegistry,
} from '../../../../src/images/registry/content.ts'
import { collectGarbage } from '../../../../src/images/registry/garbage.ts'
import {
  ensureRegistry,
  findRegistry,
  type Registry,
  type RegistryPlace,
  removeRegistry,
} from '../../../../src/images/registry/registry.ts'
import { buildRequest } from '../../../support/build-request.ts'
import { builderFor } from '../../../support/image-builder.ts'

const engine = dockerEngine(process.env)
const signal = new AbortController().signal
const container = 'devk-test-registry'
const blocker = createServer()
let folder = ''
let registry: Registry
let place: RegistryPlace

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-test-'))
  // Takes the first port, unless the registry of the user has it already.
  await new Promise<void>((resolve) => blocker.once('error', () => resolve()).listen(5001, '127.0.0.1', resolve))
  place = { dataFolder: join(folder, 'data'), loginFolder: join(folder, 'login'), container }
  registry = await ensureRegistry(engine, place, signal)
})
afterAll(async () => {
  await removeRegistry(engine, container, signal)
  blocker.close()
  await rm(folder, { recursive: true, force: true })
})

/** Builds an image with this content and pushes it; gives the image ID and the digest. The engine does not keep the image. */
async function buildAndPush(reference: string, content: string): Promise<{ id: string; digest: string }> {
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY a /a\n')
  await writeFile(join(folder, '.dockerignore'), 'data\nlogin\n')
  await writeFile(join(folder, 'a'), content)
  const id = await builderFor(process.env).build(buildRequest(folder, reference), () => {}, signal)
  const digest = await engine.images.push(reference, () => {}, signal, registry.login)
  await engine.images.remove(reference, signal)
  return { id, digest }
}

test('the registry takes the next port when the first is in use, listens on loopback only, and is found again', async () => {
  expect(registry.port).toBeGreaterThan(5001)
  const info = await engine.containers.inspect(container, signal)
  expect(info?.ports.map((port) => port.hostIp)).toEqual(['127.0.0.1'])
  expect(await ensureRegistry(engine, place, signal)).toEqual(registry)
})

test('a stopped registry is started again on its port', async () => {
  await engine.containers.stop(container, signal)
  expect(await findRegistry(engine, place, signal)).toBeUndefined()
  expect(await ensureRegistry(engine, place, signal)).toEqual(registry)
})

test('a pushed image is found by its digest and ID, and is removed with its project only', async () => {
  const one = `${registry.host}/one/api:1`
  const pushed = await buildAndPush(one, 'one')
  await buildAndPush(`${registry.host}/two/api:1`, 'two')
  expect(await findManifest(registry, one, signal)).toEqual({ digest: pushed.digest, config: pushed.id })
  expect(await projectsInRegistry(registry, signal)).toEqual(['one', 'two'])
  expect(await leaveRegistry(engine, { place, project: 'one', announced: false }, signal)).toEqual({
    removed: 1,
    gone: false,
  })
  expect(await leaveRegistry(engine, { place, project: 'one', announced: false }, signal)).toEqual({
    removed: 0,
    gone: false,
  })
  expect(await findManifest(registry, one, signal)).toBeUndefined()
  expect(await projectsInRegistry(registry, signal)).toEqual(['two'])
  expect((await buildAndPush(one, 'one')).digest).toBe(pushed.digest)
})

test('a foreign container with the name of the registry is kept', async () => {
  const name = 'devk-test-foreign'
  await engine.containers.create({ name, image: 'registry:3', labels: {} }, signal)
  try {
    await expect(ensureRegistry(engine, { ...place, container: name }, signal)).rejects.toMatchObject({
      code: 'OBJECT_FOREIGN',
    })
    await removeRegistry(engine, name, signal)
    expect(await engine.containers.inspect(name, signal)).toBeDefined()
  } finally {
    await engine.containers.remove(name, signal)
  }
})

test('a push to a registry that does not answer fails', async () => {
  await expect(engine.images.push('localhost:1/nothing:1', () => {}, signal)).rejects.toMatchObject({
    code: 'LOAD_FAILED',
  })
})

test('garbage collection removes untagged content, keeps the rest, and the same content can be pushed again', async () => {
  const reference = (tag: string) => `${registry.host}/garbage/web:${tag}`
  await buildAndPush(reference('old'), randomBytes(500_000).toString('base64'))
  const content = randomBytes(500_000).toString('base64')
  const kept = await buildAndPush(reference('new'), content)
  expect((await listRegistry(registry, signal)).map((image) => image.reference)).toEqual(
    expect.arrayContaining([reference('new'), reference('old')]),
  )
  await deleteTag(registry, reference('old'), signal)
  expect(await collectGarbage(engine, registry, place, signal)).toBeGreaterThan(450_000)
  expect(await findManifest(registry, reference('old'), signal)).toBeUndefined()
  expect(await findManifest(registry, reference('new'), signal)).toMatchObject({ digest: kept.digest })

  await deleteTag(registry, reference('new'), signal)
  await collectGarbage(engine, registry, place, signal)
  expect((await buildAndPush(reference('new'), content)).digest).toBe(kept.digest)
})
