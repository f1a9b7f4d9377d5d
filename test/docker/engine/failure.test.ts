import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildRequest } from '../../support/build-request.ts'
import { builderFor } from '../../support/image-builder.ts'
import { type SecondEngine, startSecondEngine } from '../../support/second-engine.ts'

const { signal } = new AbortController()
let engine: SecondEngine
let context: string

beforeAll(async () => {
  context = await mkdtemp(join(tmpdir(), 'devk-full-'))
  engine = await startSecondEngine(48)
})

afterAll(async () => {
  await engine?.stop()
  await rm(context, { recursive: true, force: true })
})

/** Builds an image of 5 MB. */
async function build(): Promise<string> {
  await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY file /file\n')
  await writeFile(join(context, 'file'), Buffer.alloc(5_000_000, 'x'))
  return builderFor(engine.environment).build(buildRequest(context, 'devk-test/full:1'), () => {}, signal)
}

test('the first engine keeps its bridge', async () => {
  await expect(access('/sys/class/net/docker0')).resolves.toBeUndefined()
})

test('a build on a full disk reports that the disk is full, and how to free space', async () => {
  await engine.disk.fill(1_000_000)
  await expect(build()).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringContaining('devk-test/full:1'),
    details: expect.arrayContaining([expect.stringMatching(/no space left on device/)]),
    hint: expect.stringContaining('docker system df'),
  })
})

test('a build succeeds once there is space again', async () => {
  await engine.disk.free()
  expect(await build()).toMatch(/^sha256:/)
})
