import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { resolveConfig } from '../../../../src/config/resolve.ts'
import { configSchema } from '../../../../src/config/schema.ts'
import { dockerEngine } from '../../../../src/engine/engine.ts'
import { DevkError } from '../../../../src/errors.ts'
import { execaRunner } from '../../../../src/exec/runner.ts'
import type { Supply } from '../../../../src/platform/image-sources.ts'
import { anyway, supplyImage, untilUnchanged } from '../../../../src/up/images/supply.ts'
import { imageWorkOf } from '../../../../src/up/images/wanted.ts'
import type { ImageWork } from '../../../../src/up/images/work.ts'
import { docker } from '../../../support/docker.ts'
import { builderFor } from '../../../support/image-builder.ts'

const engine = dockerEngine(process.env)
const signal = new AbortController().signal
const project = `outside-${process.pid}`
const theirs = `theirs-${process.pid}:v1`
let folder = ''
const write = async (name: string, text: string) => {
  await mkdir(dirname(join(folder, name)), { recursive: true })
  await writeFile(join(folder, name), text)
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-test-'))
  await write('api/data', randomUUID())
  await write('api/Dockerfile.theirs', 'FROM scratch\nCOPY data /data\n')
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
  for (const { tags } of await engine.images.list([`devk.dev/project=${project}`], signal)) {
    for (const tag of tags) await engine.images.remove(tag, signal)
  }
  await engine.images.remove(theirs, signal)
})

const build = (tag: string) => `docker build -q -f Dockerfile.theirs -t ${tag} .`

/** The image of the service, whose command is a script, by the sources as they are now. */
async function work(script: string, watch: readonly string[] = ['data']): Promise<ImageWork> {
  const image = { context: 'api', command: ['sh', '-c', script], ...(watch.length === 0 ? {} : { watch }) }
  const raw = configSchema.parse({ name: project, services: { api: { build: image } } })
  const found = await imageWorkOf(resolveConfig(raw, join(folder, 'platform.config.json'), folder), 'api', {
    cacheFolder: join(folder, 'cache'),
    keyFile: join(folder, 'key'),
    clock: Date.now,
    env: process.env,
    registry: 'localhost:5999',
    images: engine.images,
    supervisor: { folder: '', program: () => expect.unreachable('no service needs it') },
    runner: execaRunner(process.env),
    outsideFolder: join(folder, 'outside'),
    signal,
  })
  return found ?? expect.unreachable('the service has an image')
}

async function supplied(image: ImageWork): Promise<boolean> {
  const supply = {
    engine,
    builder: builderFor(process.env),
    loader: { load: async () => ({ via: 'none', ms: 0 }) },
  } as unknown as Supply
  return (await supplyImage(image, { supply, route: { remote: false } as never }, () => {}, signal)).built
}

const facts = async (image: string) => {
  const found = await engine.images.inspect(image, signal)
  return { id: found?.id, layers: found?.diffIds, project: found?.labels['devk.dev/project'] }
}

test('the image that a command prints is in the engine under the name of devk, and belongs to the project', async () => {
  const script = `echo ran >> ran; ${build(theirs)} >&2; echo built >&2; echo ${theirs}`
  const first = await work(script)
  expect(await supplied(first)).toBe(true)
  const one = await facts(first.reference)
  expect(one).toMatchObject({ layers: (await facts(theirs)).layers, project })
  expect(await docker('images', '-q', 'devk.local/*/*')).toBe('')
  // Nothing changed, or nothing that the image is made from.
  await write('api/README.md', 'x')
  expect((await work(script)).reference).toBe(first.reference)
  expect(await supplied(await work(script))).toBe(false)

  await write('api/data', randomUUID())
  const second = await work(script)
  expect(second.reference).not.toBe(first.reference)
  expect(await supplied(second)).toBe(true)
  expect((await facts(second.reference)).layers).not.toEqual(one.layers)
  expect(await readFile(join(folder, 'api/ran'), 'utf8')).toBe('ran\nran\n')
})

test('other sources that make the same image leave it what it is, so that nothing is deployed', async () => {
  const script = `: > same; printf 'FROM scratch\\nCOPY same /\\n' | docker build -q -f - -t $DEVK_IMAGE . >&2`
  const first = await work(script)
  await supplied(first)
  await write('api/data', randomUUID())
  const second = await work(script)
  expect(await supplied(second)).toBe(true)
  expect(second.reference).not.toBe(first.reference)
  expect((await facts(second.reference)).id).toBe((await facts(first.reference)).id)
})

test('an ID names an image, and one that has no other name goes with its name', async () => {
  const byId = await work(build('"$DEVK_IMAGE"'))
  await supplied(byId)
  const { id, layers } = await facts(byId.reference)
  expect(id).toBeDefined()
  await write('api/data', randomUUID())
  const printed = await work(`docker build -q -f Dockerfile.theirs -t ${theirs} .`)
  await supplied(printed)
  expect((await facts(printed.reference)).layers).not.toEqual(layers)
})

test('a command that writes a source at each run is refused, with the file and what to do', async () => {
  const script = `date +%s%N > stamp; ${build('"$DEVK_IMAGE"')}`
  const up = untilUnchanged(async (isLast) => {
    const image = await work(script, [])
    return supplied(isLast ? anyway(image) : image)
  })
  await expect(up).rejects.toMatchObject({
    message: 'stamp changed while the image of api was built',
    hint: expect.stringContaining('leave it out of build.watch'),
  })
  expect(await engine.images.list([`devk.dev/project=${project}`], signal)).toEqual([])
})

test.each([
  ['fails', 'echo no such package >&2; exit 7', 'services.api.build.command failed with exit code 7'],
  ['prints no image', `${build(theirs)} >/dev/null; echo All done.`, 'it printed "All done."'],
  ['prints an image that is not there', 'echo ghcr.io/acme/api:v1', 'it printed "ghcr.io/acme/api:v1"'],
])('a command that %s builds nothing, and says so', async (_name, script, message) => {
  const image = await work(script)
  const error = await supplied(image).then(
    () => expect.unreachable('it did not fail'),
    (failure: unknown) => failure,
  )
  expect(error).toBeInstanceOf(DevkError)
  expect((error as DevkError).code).toBe('BUILD_FAILED')
  expect((error as DevkError).message).toContain(message)
  expect((await facts(image.reference)).id).toBeUndefined()
})
