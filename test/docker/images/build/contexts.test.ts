import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dockerEngine } from '../../../../src/engine/engine.ts'
import { buildRequest } from '../../../support/build-request.ts'
import { builderFor } from '../../../support/image-builder.ts'

const engine = dockerEngine(process.env)
const builder = builderFor(process.env)
const signal = new AbortController().signal
// Nothing listens at this address, so that only the engine can have the image.
const tags = ['base', 'api', 'again'].map((name) => `localhost:5999/devk-test/contexts-${name}:1`)
const [base = '', api = '', again = ''] = tags
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-test-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
  for (const tag of tags) await engine.images.remove(tag, signal)
})

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}

test('an image is built from another image of the engine and from a named folder', async () => {
  await write({
    'base/Dockerfile': 'FROM scratch\nCOPY lib /lib\n',
    'base/lib': randomUUID(),
    'api/Dockerfile': 'FROM acme/common:dev\nCOPY --from=shared util /util\n',
    'shared/util': randomUUID(),
    'shared/.dockerignore': 'secret\n',
    'shared/secret': 'x',
  })
  const baseId = await builder.build(buildRequest(join(folder, 'base'), base), () => {}, signal)
  const contexts = { 'acme/common:dev': `docker-image://${base}`, shared: join(folder, 'shared') }
  const request = buildRequest(join(folder, 'api'), api, { contexts })
  const id = await builder.build(request, () => {}, signal)
  const layers = async (image: string) => (await engine.images.inspect(image, signal))?.diffIds ?? []
  expect((await layers(api)).slice(0, -1)).toEqual(await layers(base))
  expect(id).not.toBe(baseId)
  // The same content under another name is the same image, whatever else lies in the context.
  await write({ 'api/README.md': randomUUID() })
  expect(await builder.build({ ...request, tag: again }, () => {}, signal)).toBe(id)
  expect((await engine.images.inspect(again, signal))?.tags.toSorted()).toEqual([again, api].toSorted())
})
