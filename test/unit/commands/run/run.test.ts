import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { previewOf } from '../../../../src/commands/actions/preview.ts'
import { runRun } from '../../../../src/commands/run/run.ts'
import type { CliContext } from '../../../../src/context.ts'
import type { DevkError } from '../../../../src/errors.ts'
import { execaRunner } from '../../../../src/exec/runner.ts'
import { agreeToCommands } from '../../../../src/project/local-consent.ts'
import { statePaths } from '../../../../src/state/paths.ts'
import { folder, load } from '../../config/support.ts'
import { countOf } from '../../local/processes.ts'

const wait = { timeout: 20_000 }

interface Options {
  readonly json?: boolean
  readonly timeout?: number
  readonly args?: readonly string[]
  /** What the user does before. Default: allows the commands. */
  readonly allows?: boolean
}

/** Runs a job of a project that has no cluster. */
async function setUp(command: readonly string[], { json = false, timeout, args = [], allows = true }: Options = {}) {
  const root = folder({
    'platform.config.json': JSON.stringify({
      name: 'it',
      services: { 'order-api': { image: 'x', ports: ['18000:8000'] } },
      jobs: { seed: { local: true, command, cwd: 'web', env: { GREETING: 'hello' } } },
    }),
    'web/x': '',
  })
  const stop = new AbortController()
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const ctx = {
    ...{ cwd: root, paths: statePaths({ HOME: root }), packageRoot: '/', env: { ...process.env, MY_TOKEN: 'secret' } },
    ...{ isTTY: false, yes: false, json, stdout, stderr, signal: stop.signal, runner: execaRunner(process.env) },
  } as unknown as CliContext
  if (allows) await agreeToCommands(ctx, await load(root))
  const read = (stream: PassThrough) => String(stream.read() ?? '')
  const run = () => runRun(ctx, ['seed', ...args], timeout === undefined ? {} : { timeout })
  onTestFinished(() => stop.abort())
  return { root, ctx, stop, run, stdout: () => read(stdout), stderr: () => read(stderr) }
}

const sh = (script: string) => ['sh', '-c', script]

test('a job of this machine runs in its folder, with its variables and those of services, and needs no cluster', async () => {
  const script = 'pwd; echo $GREETING $ORDER_API_SERVICE_HOST:$ORDER_API_SERVICE_PORT "$MY_TOKEN" >&2; cat; exit 3'
  const job = await setUp(sh(script))
  expect(await job.run()).toBe(3)
  // Each stream goes where it belongs, and `cat` has found the end of its input.
  expect(job.stdout()).toBe(`${join(job.root, 'web')}\n`)
  expect(job.stderr()).toBe('hello 127.0.0.1:18000 \n')
})

test('arguments are added to the command as they are, without a shell', async () => {
  const job = await setUp(['printf', '%s|'], { args: ['--rows', '$(id); echo 5'] })
  expect(await job.run()).toBe(0)
  expect(job.stdout()).toBe('--rows|$(id); echo 5|\n')
})

test('with --json only the result is printed', async () => {
  const job = await setUp(sh('echo out; echo err >&2; exit 4'), { json: true })
  expect(await job.run()).toBe(4)
  expect([JSON.parse(job.stdout()), job.stderr()]).toEqual([{ job: 'seed', object: null, exitCode: 4 }, ''])
})

test('an interrupt ends it and all that it has started', async () => {
  const marks = [`7${process.pid}.91`, `7${process.pid}.92`]
  const job = await setUp(sh(`trap '' TERM; setsid sleep ${marks[0]} & sleep ${marks[1]}; true`))
  const done = job.run().catch((error: unknown) => error)
  const running = async () => Promise.all(marks.map(countOf))
  await expect.poll(running, wait).toEqual([1, 1])
  job.stop.abort(new Error('Ctrl-C'))
  expect(await done).toEqual(new Error('Ctrl-C'))
  expect(await running()).toEqual([0, 0])
})

test('one that takes too long is ended, and one without an exit code has failed', async () => {
  const mark = `7${process.pid}.93`
  const late = await setUp(sh(`sleep ${mark}; true`), { timeout: 300 })
  const failure = (job: { run(): Promise<number> }) =>
    job.run().catch(({ code, message }: DevkError) => [code, message])
  expect(await failure(late)).toEqual(['NOT_READY', 'The job seed did not end within 300 ms'])
  expect(await countOf(mark)).toBe(0)
  const reason = (text: string) => ['COMMAND_FAILED', `The job seed failed: ${text}`]
  expect(await failure(await setUp(sh('kill -KILL $$')))).toEqual(reason('a signal ended it'))
  const missing = 'it could not be started. Is no-such-program installed?'
  expect(await failure(await setUp(['no-such-program']))).toEqual(reason(missing))
})

test('without consent neither a run nor its preview does anything', async () => {
  const job = await setUp(sh('touch ran'), { allows: false })
  const refused = {
    code: 'CONFIG_UNTRUSTED',
    details: [`jobs.seed: GREETING=hello sh -c "touch ran" in web`, 'Nothing was run.'],
  }
  await expect(job.run()).rejects.toMatchObject(refused)
  // On the page nobody can agree, whatever `devk ui` was called with.
  const preview = () => previewOf({ ...job.ctx, isTTY: true, yes: true }, { action: 'run', name: 'seed' })
  await expect(preview()).rejects.toMatchObject(refused)
  await agreeToCommands(job.ctx, await load(job.root))
  expect((await preview()).effects[0]).toContain("Runs sh -c 'touch ran' on this machine, in web")
  expect(existsSync(join(job.root, 'web/ran'))).toBe(false)
})
