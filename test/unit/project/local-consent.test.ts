import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { CliContext } from '../../../src/context.ts'
import { agreeToCommands, requireAgreedCommands, requireAgreedJob } from '../../../src/project/local-consent.ts'
import { statePaths } from '../../../src/state/paths.ts'
import { failure, folder, load } from '../config/support.ts'

const yaml = (command: string, more = '') => `name: it
services:
  api:
    build:
      context: api
      local:
        command: ${command}
        outputs: [{ from: api/bin, to: /app }]
${more}`

/** A user with a project, who cannot be asked. */
function setUp(config = yaml('[make, "all; rm -rf /"]')) {
  const root = folder({ 'platform.config.yaml': config, 'api/Dockerfile': '', 'api/below/x': '' })
  const ctx = (more: Partial<CliContext> = {}) =>
    ({
      cwd: root,
      paths: statePaths({ HOME: root }),
      packageRoot: '/',
      isTTY: false,
      yes: false,
      ...more,
    }) as CliContext
  const judged = async (more: Partial<CliContext> = {}) => {
    const loaded = await load(root)
    return requireAgreedCommands(ctx(more), loaded).then(
      () => 'agreed',
      (error: Error) => error.message,
    )
  }
  return { root, ctx, judged }
}
const refused = 'The configuration names commands for this machine that you have not allowed'

test('without consent nothing runs, and the error shows the command, its folder and its variables', async () => {
  const { root, ctx } = setUp(yaml('[make, "all; rm -rf /"]', '        env: { GOOS: linux }\n'))
  const error = await failure(requireAgreedCommands(ctx(), await load(root)))
  expect([error.code, error.exitCode]).toEqual(['CONFIG_UNTRUSTED', 2])
  expect(error.details).toEqual(['services.api: GOOS=linux make "all; rm -rf /" in api', 'Nothing was run.'])
  expect(error.hint).toContain('devk allow')
})

test('what was allowed stays so until the command changes', async () => {
  const { root, ctx, judged } = setUp()
  const config = await load(root)
  expect(await agreeToCommands(ctx(), config)).toEqual(['services.api: make "all; rm -rf /" in api'])
  expect(await judged()).toBe('agreed')
  const [api] = Object.values(config.services)
  const other = (local: object) => ({
    ...config,
    services: { api: { ...api, build: { ...api?.build, local: { ...api?.build?.local, ...local } } } },
  })
  for (const local of [{ command: ['make', 'other'] }, { env: { MAKEFLAGS: '-f evil' } }]) {
    const { message } = await failure(requireAgreedCommands(ctx(), other(local) as typeof config))
    expect(message).toBe(refused)
  }
  // What devk does with the outputs is no command.
  await requireAgreedCommands(ctx(), other({ restart: false, timeout: '1m' }) as typeof config)
})

test('--yes agrees in the folder of the configuration or above, and is remembered', async () => {
  const { root, judged } = setUp()
  expect(await judged({ yes: true, cwd: join(root, 'api/below') })).toBe(refused)
  expect(await judged({ yes: true })).toBe('agreed')
  expect(await judged({ cwd: join(root, 'api/below') })).toBe('agreed')
})

test('on a terminal devk shows the command and asks; no is the default', async () => {
  const { judged } = setUp()
  const [stdin, stderr] = [new PassThrough(), new PassThrough()]
  stdin.end('\n')
  const tty = { isTTY: true, stdin, stderr, signal: new AbortController().signal } as object as Partial<CliContext>
  expect(await judged(tty)).toBe(refused)
  const shown = String(stderr.read())
  expect(shown).toContain('devk runs programs of this project on this machine:')
  expect(shown).toContain('services.api: make "all; rm -rf /" in api')
})

test('a configuration without such a build needs no consent', async () => {
  expect(await setUp('name: it\n').judged()).toBe('agreed')
})

test('programs that run beside the pods need the same consent, also without a watch', async () => {
  const beside = "locals:\n  web: { command: [npm, run, dev], cwd: api, env: { PORT: '1' } }\n"
  const { root, ctx, judged } = setUp(yaml('[make]', beside))
  const error = await failure(requireAgreedCommands(ctx(), await load(root)))
  expect(error.details).toEqual([
    'services.api: make in api',
    'locals.web: PORT=1 npm run dev in api',
    'Nothing was run.',
  ])
  const unwatched = await failure(
    requireAgreedCommands(ctx(), await load(root), { saves: false, programs: true, mayAsk: true }),
  )
  expect(unwatched.details).toEqual(['locals.web: PORT=1 npm run dev in api', 'Nothing was run.'])
  expect(await agreeToCommands(ctx(), await load(root))).toHaveLength(2)
  expect(await judged()).toBe('agreed')
})

test('a command that makes an image needs consent also for a devk that does not stay', async () => {
  const config = `name: it
services:
  api:
    build:
      context: api
      command: [ko, build, --local]
      env: { KO_CONFIG_PATH: "." }
locals:
  web: { command: [npm], cwd: api }
`
  const { root, ctx, judged } = setUp(config)
  const use = { saves: false, programs: false, mayAsk: true }
  const { details } = await failure(requireAgreedCommands(ctx(), await load(root), use))
  expect(details).toEqual(['services.api: KO_CONFIG_PATH=. ko build --local in api', 'Nothing was run.'])
  expect(await agreeToCommands(ctx(), await load(root))).toHaveLength(2)
  expect(await judged()).toBe('agreed')
})

test('a job of this machine needs consent to its own command, and only when it runs', async () => {
  const jobs = `jobs:
  seed: { local: true, command: [npm, run, seed], env: { ROWS: '5' } }
  clean: { local: true, command: [rm, x] }
  migrate: { image: x, command: [migrate] }
`
  const { root, ctx, judged } = setUp(`name: it\n${jobs}`)
  // `up` runs none of them.
  expect(await judged()).toBe('agreed')
  const config = await load(root)
  const { details } = await failure(requireAgreedJob(ctx(), config, 'seed'))
  expect(details).toEqual(['jobs.seed: ROWS=5 npm run seed in .', 'Nothing was run.'])
  for (const name of ['migrate', 'unknown']) await requireAgreedJob(ctx(), config, name)
  await requireAgreedJob(ctx({ yes: true }), config, 'seed')
  await requireAgreedJob(ctx(), config, 'seed')
  expect((await failure(requireAgreedJob(ctx(), config, 'clean'))).code).toBe('CONFIG_UNTRUSTED')
  expect(await agreeToCommands(ctx(), config)).toEqual(['jobs.seed: ROWS=5 npm run seed in .', 'jobs.clean: rm x in .'])
  await requireAgreedJob(ctx(), config, 'clean')
})
