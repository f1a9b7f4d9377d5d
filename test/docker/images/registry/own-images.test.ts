import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dockerEngine } from '../../../../src/engine/engine.ts'
import { ensureRegistry, type Registry, removeRegistry } from '../../../../src/images/registry/registry.ts'
import { fetchOwnImages } from '../../../../src/platform/own-images.ts'
import { seenImages } from '../../../../src/state/seen-images.ts'
import { buildRequest } from '../../../support/build-request.ts'
import { builderFor } from '../../../support/image-builder.ts'

const engine = dockerEngine(process.env)
const signal = new AbortController().signal
const container = 'devk-test-publisher'
let folder = ''
let registry: Registry

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-test-'))
  registry = await ensureRegistry(
    engine,
    { dataFolder: join(folder, 'data'), loginFolder: join(folder, 'login'), container },
    signal,
  )
})
afterAll(async () => {
  await removeRegistry(engine, container, signal)
  await rm(folder, { recursive: true, force: true })
})

/** Publishes an image with this content; gives its digest. The engine does not keep it. */
async function publish(reference: string, content: string): Promise<string> {
  const context = await mkdtemp(join(folder, 'context-'))
  await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY a /a\n')
  await writeFile(join(context, 'a'), content)
  await builderFor(process.env).build(buildRequest(context, reference), () => {}, signal)
  const digest = await engine.images.push(reference, () => {}, signal, registry.login)
  await engine.images.remove(reference, signal)
  return digest
}

test('the first pull of an image of devk is recorded, and another image under its tag is refused and removed', async () => {
  const reference = `${registry.host}/acme/mail:2.0`
  const supply = {
    engine,
    seen: seenImages(join(folder, 'seen')),
    credentials: async () => registry.login,
    offersKit: () => false,
    buildKit: async () => {},
  }
  const fetch = () => fetchOwnImages(supply, [{ reference }], () => {}, signal)
  const first = await publish(reference, 'first')
  await fetch()
  expect(await supply.seen.digestOf(reference)).toBe(first)
  await fetch()
  await engine.images.remove(reference, signal)

  const second = await publish(reference, 'second')
  await expect(fetch()).rejects.toMatchObject({
    code: 'IMAGE_CHANGED',
    details: [`expected ${first}`, expect.stringContaining(second)],
  })
  expect(await engine.images.inspect(reference, signal)).toBe(undefined)

  await rm(supply.seen.fileOf(reference))
  await fetch()
  expect(await supply.seen.digestOf(reference)).toBe(second)
  await engine.images.remove(reference, signal)
})
