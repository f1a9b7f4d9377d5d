import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configSchema } from '../../../src/config/schema.ts'
import { execaRunner } from '../../../src/exec/runner.ts'
import { localBuilds } from '../../../src/local/local-builds.ts'
import type { SyncTarget } from '../../../src/sync/syncer.ts'
import { folder } from '../config/support.ts'

const never = new AbortController().signal
const target = (containerId: string) => ({ service: 'api', containerId }) as SyncTarget

/** A service that a script compiles, and containers that answer as they are told. */
function setUp(script: string, more: object = {}) {
  const root = folder({ 'api/build.sh': script })
  const asked: (readonly string[])[] = []
  const state = { answer: { exitCode: 0, output: 'amd64\n' } }
  const builds = localBuilds({
    runner: execaRunner(process.env),
    env: { FROM: 'devk', OWN: 'devk' },
    root,
    folder: (service) => join(root, 'copies', service),
    async exec(_target, argv) {
      asked.push(argv)
      return state.answer
    },
  })
  const outputs = [{ from: join(root, 'api/out'), to: '/app/out' }]
  const local = { command: ['sh', 'build.sh'], outputs, env: { OWN: 'configuration' } }
  const build = configSchema.parse({ name: 'p', services: { api: { build: { context: 'api', local, ...more } } } })
    .services.api?.build
  if (build === undefined) throw new Error('no build')
  const service = { name: 'api', build: { ...build, context: join(root, 'api') } }
  const compile = (ids: readonly string[] = ['c1'], all = false) =>
    builds.compile({ ...service, targets: ids.map(target), all }, never)
  return { state, asked, compile }
}
/** Writes the header of a static program for arm64. */
const armProgram = `printf '\\177ELF\\002\\001%058d' 0 | tr 0 '\\0' > out; printf '\\267' | dd of=out bs=1 seek=18 conv=notrunc 2>/dev/null\n`

test('it compiles in the context with the variables of both, and only a change is sent', async () => {
  const { asked, compile } = setUp('echo "$FROM $OWN $(basename "$PWD")" > out\n')
  const { problem, files } = await compile()
  expect(problem).toBeUndefined()
  expect(files.map((file) => [file.to, file.kind === 'write' && readFileSync(file.from, 'utf8')])).toEqual([
    ['/app/out', 'devk configuration api\n'],
  ])
  expect((await compile()).files).toEqual([])
  expect((await compile([], true)).files).toHaveLength(1)
  // What is no program runs anywhere.
  expect(asked).toEqual([])
})

test('a program that cannot run in the container is not sent, and is told again until it can', async () => {
  const { state, asked, compile } = setUp(armProgram)
  const refused = {
    problem: expect.stringMatching(/api\/out is a program for arm64, and the container needs amd64/),
    files: [],
  }
  expect(await compile()).toMatchObject(refused)
  expect(await compile()).toMatchObject(refused)
  state.answer = { exitCode: 0, output: 'arm64\n' }
  expect((await compile(['c2'])).files).toHaveLength(1)
  const count = asked.length
  await compile(['c2'], true)
  expect(asked).toHaveLength(count)
  expect(asked[0]?.slice(0, 2)).toEqual(['/.devk/agent', 'look'])
})

test('a program of the platform that the image is built for is sent', async () => {
  const { compile } = setUp(armProgram, { platform: 'linux/arm64' })
  expect((await compile()).files).toHaveLength(1)
})

test('where nobody can look, nothing is held back', async () => {
  const { state, compile } = setUp(armProgram)
  state.answer = { exitCode: 127, output: 'no such file' }
  expect((await compile()).files).toHaveLength(1)
  expect((await setUp(armProgram).compile([])).files).toHaveLength(1)
})

test('a command that succeeds without its output is a failure', async () => {
  const { compile } = setUp('echo hello\n')
  expect(await compile()).toEqual({ problem: 'succeeded, but there is no api/out', output: 'hello\n', files: [] })
})
