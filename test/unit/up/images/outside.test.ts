import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { resolveConfig } from '../../../../src/config/resolve.ts'
import { configSchema } from '../../../../src/config/schema.ts'
import type { ImageStore } from '../../../../src/engine/image-api.ts'
import type { DevkError } from '../../../../src/errors.ts'
import { execaRunner } from '../../../../src/exec/runner.ts'
import { imageWorkOf } from '../../../../src/up/images/wanted.ts'

const { signal } = new AbortController()
/** The name in braces, as in a shell. */
const braced = '$' + '{DEVK_IMAGE}'
const own = 'devk.local/shop/api:latest'

/** The image of a service that a shell script makes, and an engine whose images have an id by name. */
async function setUp(script: string, { env = {}, timeout = '1m' } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'devk-outside-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  writeFileSync(join(root, 'main.go'), '')
  const build = { context: '.', command: ['sh', '-c', script, '--', '$DEVK_IMAGE', `x${braced}`], env, timeout }
  const config = resolveConfig(
    configSchema.parse({ name: 'shop', services: { api: { build } } }),
    join(root, 'platform.config.yaml'),
    root,
  )
  const ids = new Map<string, string>()
  const done: string[] = []
  const images = {
    info: async () => ({ host: 'unix:///its.sock' }),
    inspect: async (reference: string) => {
      if (reference.endsWith('.')) throw Object.assign(new Error('invalid reference format'), { statusCode: 400 })
      const id = ids.get(reference)
      return id === undefined ? undefined : { id, triggers: id === 'onbuild' }
    },
    tag: async (id: string, reference: string) => {
      done.push(`tag ${id} ${reference}`)
      ids.set(reference, id)
    },
    remove: async (reference: string) => {
      if (ids.delete(reference)) done.push(`remove ${reference}`)
    },
  } as unknown as ImageStore
  const work = await imageWorkOf(config, 'api', {
    cacheFolder: join(root, '.git'),
    keyFile: join(root, '.git', 'key'),
    clock: Date.now,
    env: { PATH: process.env.PATH, GOFLAGS: '-mod=mod', KO_DOCKER_REPO: 'ko.local', GITHUB_TOKEN: 'secret' },
    registry: 'r:1',
    images,
    supervisor: { folder: '', program: () => expect.unreachable('no service needs it') },
    runner: execaRunner({ PATH: process.env.PATH }),
    outsideFolder: join(root, '.git', 'outside'),
    signal,
  })
  const lines: string[] = []
  const use = () =>
    work?.source?.use(
      async () => void done.push(`build from ${ids.get(own)}`),
      images,
      (line) => lines.push(line),
      signal,
    ) ?? Promise.reject(new Error('there is no command'))
  const failure = () =>
    use().then(
      () => expect.unreachable('it did not fail'),
      (error: DevkError) => error,
    )
  return { root, work, ids, done, lines, use, failure }
}

test('the image that the command prints gets the name that the build of devk starts from, and loses it again', async () => {
  const { work, ids, done, lines, use } = await setUp('echo building; echo ko.local/api:v1')
  ids.set('ko.local/api:v1', 'A')
  expect(work?.reference).toMatch(/^r:1\/shop\/api:[0-9a-f]{16}$/)
  expect(work?.request?.labels).toEqual({ 'devk.dev/project': 'shop', 'devk.dev/service': 'api' })
  await use()
  expect(done).toEqual([`tag A ${own}`, 'build from A', `remove ${own}`])
  expect(lines).toEqual(['building', 'ko.local/api:v1'])
})

test('an image that has the wanted name counts before what is printed, and one of an earlier run does not', async () => {
  const { ids, done, use, failure } = await setUp('echo Successfully built it.')
  ids.set(own, 'from an earlier run')
  const error = await failure()
  expect(error.message).toBe(
    'services.api.build.command made no image that the engine has: it printed "Successfully built it."',
  )
  expect(error.hint).toContain('$DEVK_IMAGE')
  expect(done).toEqual([`remove ${own}`])
  const { inspect } = { inspect: ids.get.bind(ids) }
  // The command makes it while it runs.
  ids.get = (name) => (name === own ? 'B' : inspect(name))
  await use()
  expect(done).toContain('build from B')
})

test('what docker load prints names an image, too', async () => {
  const { ids, done, use } = await setUp('echo Loaded image: bazel/api:latest')
  ids.set('bazel/api:latest', 'C')
  await use()
  expect(done).toContain('build from C')
})

test('the command gets the wanted name, its variables, those of build tools and the engine, and no token', async () => {
  const script = 'echo "$@ | $DEVK_IMAGE | $IMAGE | $DOCKER_HOST | $KO_DOCKER_REPO$GOFLAGS | $GITHUB_TOKEN."'
  const { lines, failure } = await setUp(script, { env: { IMAGE: 'for $DEVK_IMAGE' } })
  await failure()
  const expected = `${own} x${own} | ${own} | for ${own} | unix:///its.sock | ko.local-mod=mod | .`
  expect(lines).toEqual([expected])
})

test('a command that fails is told with its folder, its file and its last lines', async () => {
  const { failure, done } = await setUp('echo compiling; echo "main.go:3: undefined: x" >&2; exit 3')
  const error = await failure()
  expect([error.code, error.message]).toEqual(['BUILD_FAILED', 'services.api.build.command failed with exit code 3'])
  expect(error.details[0]).toContain('(in ., from platform.config.yaml)')
  expect(error.details.slice(1).sort()).toEqual(['compiling', 'main.go:3: undefined: x'])
  expect(done).toEqual([])
})

test('a command that prints nothing, runs too long or is not there says so', async () => {
  expect((await (await setUp('true')).failure()).message).toMatch(/the engine has: it printed nothing$/)
  const late = await setUp('exec sleep 60', { timeout: '1s' })
  expect((await late.failure()).message).toBe('services.api.build.command did not end within 1.0s')
})

test('an image whose instructions would run in a build from it is refused', async () => {
  const { ids, failure, done } = await setUp('echo base')
  ids.set('base', 'onbuild')
  expect((await failure()).message).toContain('ONBUILD')
  expect(done).toEqual([])
})

test('a disk without space has its own code', async () => {
  const { failure } = await setUp('echo "write: no space left on device" >&2; exit 1')
  expect((await failure()).code).toBe('DISK_FULL')
})
