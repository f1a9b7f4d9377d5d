import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dockerEngine } from '../../../src/engine/engine.ts'
import { openImage } from '../../../src/engine/open-image.ts'
import { buildRequest } from '../../support/build-request.ts'
import { docker } from '../../support/docker.ts'
import { builderFor } from '../../support/image-builder.ts'

const { signal } = new AbortController()
const engine = dockerEngine(process.env)
const tag = 'devk-test/open-image:1'
let context: string

beforeAll(async () => {
  context = await mkdtemp(join(tmpdir(), 'devk-open-'))
  await mkdir(join(context, 'app/bin'), { recursive: true })
  await writeFile(join(context, 'app/bin/server'), 'the program')
  // Larger than what any buffer between the engine and devk holds.
  await writeFile(join(context, 'app/bin/large'), Buffer.alloc(40_000_000, 'x'))
  await symlink('bin/server', join(context, 'app/first'))
  await symlink('/app/first', join(context, 'app/second'))
  await symlink('loop', join(context, 'app/loop'))
  const lines = ['FROM scratch', 'COPY app /app', 'ENV PATH=/app/bin:/bin', 'WORKDIR /srv', 'CMD ["/app/second"]']
  await writeFile(join(context, 'Dockerfile'), `${lines.join('\n')}\n`)
  await builderFor(process.env).build(buildRequest(context, tag), () => {}, signal)
})

afterAll(async () => {
  await docker('rmi', tag)
  await rm(context, { recursive: true, force: true })
})

test('files of an image are read behind links, and nothing of it is started or stays', async () => {
  const image = await openImage(engine, tag, 'open-image', signal)
  expect(image).toMatchObject({
    entrypoint: [],
    command: ['/app/second'],
    path: ['/app/bin', '/bin'],
    workingDir: '/srv',
  })
  const filter = 'label=devk.dev/project=open-image'
  expect(await docker('ps', '-a', '--filter', filter, '--format', '{{.State}}')).toBe('created')
  const read = async (path: string) => (await image?.read(path))?.toString()
  expect(await read('/app/bin/server')).toBe('the program')
  expect(await read('/app/second')).toBe('the program')
  expect((await image?.read('/app/bin/large'))?.length).toBe(40_000_000)
  // A folder is more than its first entry, which is all that is read.
  expect(await read('/app/bin')).toBeUndefined()
  expect(await Promise.all(['/app', '/app/loop', '/app/none', '/none/none'].map(read))).toEqual(
    Array(4).fill(undefined),
  )
  await image?.close()
  expect(await docker('ps', '-aq', '--filter', filter)).toBe('')
})

test('an image that the engine does not have is none', async () => {
  expect(await openImage(engine, 'devk-test/none:1', 'open-image', signal)).toBeUndefined()
})
