import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { commands } from '../../../src/cli/commands.ts'
import { runProgram } from '../../../src/cli/program.ts'
import { runUp } from '../../../src/commands/up.ts'
import { configSchema, type LoadedConfig } from '../../../src/config/schema.ts'
import type { CliContext } from '../../../src/context.ts'
import { isRunning } from '../../../src/session/background.ts'
import { statePaths } from '../../../src/state/paths.ts'
import type { Progress } from '../../../src/terminal/progress.ts'
import { askedFor, keptArguments, startKept } from '../../../src/up/keep.ts'
import { fakeRunner } from '../../fakes/runner.ts'

vi.setConfig({ testTimeout: 30_000 })
const never = new AbortController().signal
const id = '00000000-0000-4000-8000-000000000000'
const options = {
  services: ['backend'],
  profile: 'ci,big',
  overlay: 'production',
  timeout: 90_500,
  watch: false,
  timing: true,
  traceSaves: true,
  fit: false,
}
const plain = { ...options, services: [], profile: undefined, overlay: undefined, timeout: undefined }
const nothing = { configFile: undefined, project: undefined, verbose: false, yes: false }

/** What the command line of a devk in the background is read as. */
async function read(args: readonly string[]) {
  let found: unknown
  await runProgram(args, {
    commands: {
      ...commands,
      up: async () => async (_ctx, services, flags) => {
        found = { services, flags }
        return 0
      },
    },
    names: async () => [],
    version: '1',
    columns: 80,
    write() {},
    context: async (common) => {
      found = common
      return {} as CliContext
    },
  })
  return found
}

test('the devk in the background is asked for the same', async () => {
  const { timeout, services, ...same } = options
  expect(await read(keptArguments(nothing, options, id))).toEqual({
    services,
    flags: { ...same, timeout: 91_000, background: id, detach: false, keep: false, strict: false, pruneData: false },
  })
  const unset = { watch: true, timing: false, traceSaves: false, fit: true }
  expect(await read(keptArguments(nothing, { ...plain, ...unset }, id))).toEqual({
    services: [],
    flags: { ...unset, background: id, detach: false, keep: false, strict: false, pruneData: false },
  })
})

test('its global flags are the same, and it writes no colours', () => {
  const given = { configFile: 'a.yaml', project: 'todo', allowContext: 'kind-a', allowProduction: 'prod' }
  const args = keptArguments({ ...given, verbose: true, yes: true }, plain, id)
  expect(args.slice(1).join(' ')).toBe(
    `--background ${id} --no-color --no-watch --timing --trace-saves --no-fit --verbose --yes ` +
      '--config a.yaml --project todo --allow-context kind-a --allow-production prod',
  )
})

function config(input: object): LoadedConfig {
  const { profiles: _, ...rest } = configSchema.parse({ name: 'shop', ...input })
  return { ...rest, file: '/p/platform.config.ts', root: '/p', overlay: undefined }
}

test('what is saved asks for the same, and what a running devk does not take up asks for something else', () => {
  const of = (input: object, more: object = {}, version = '1') =>
    askedFor(version, config(input), { ...plain, ...more })
  const web = (image: string) => ({ services: { web: { image } } })
  const first = of(web('a'))
  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(of(web('b'))).toBe(first)
  const others = [
    of({ ...web('a'), presets: ['ingress'] }),
    of({ ...web('a'), locals: { vite: { command: ['vite'] } } }),
    of(web('a'), { profile: 'ci' }),
    of(web('a'), { services: ['web'] }),
    of(web('a'), { watch: true }),
    of(web('a'), {}, '2'),
  ]
  expect(new Set([first, ...others]).size).toBe(others.length + 1)
})

test('--keep without --detach is refused', async () => {
  const upFlags = { watch: true, timing: false, traceSaves: false, strict: false, pruneData: false, fit: true }
  const flags = { ...upFlags, detach: false, keep: true }
  await expect(runUp({} as CliContext, [], flags)).rejects.toMatchObject({ code: 'USAGE' })
})

/** Starts a program in place of the devk in the background. */
async function start(script: string, signal: AbortSignal = never, timeout = 20_000) {
  const home = await mkdtemp(join(tmpdir(), 'devk-keep-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const paths = statePaths({ HOME: home })
  const run = { cwd: home, env: { PATH: process.env.PATH }, signal, paths, runner: fakeRunner({}), ...nothing }
  const progress: Pick<Progress, 'step'> = { step: async (_title, work) => (await work(() => {})).value }
  const input = { config: { name: 'shop', timeout: '1m' }, options: { ...plain, timeout }, progress }
  const program = ['--eval', script, '--']
  const done = startKept(run as unknown as CliContext, { ...input, program })
  const { folder, background } = paths.project('shop')
  return { done, folder, log: () => readFile(background.log, 'utf8').catch(() => '') }
}

const noted = (folder: string) => readdir(folder).catch(() => [])

test('a devk in the background that fails is the error, with the end of its log, and leaves nothing', async () => {
  const { done, folder } = await start("console.error('✖ Port 80 is taken [PORT_TAKEN]'); process.exitCode = 1")
  await expect(done).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
    message: 'The devk in the background ended with exit code 1',
    details: ['✖ Port 80 is taken [PORT_TAKEN]'],
  })
  expect(await noted(folder)).toEqual([])
})

test('one that never serves is ended after the time limit, and by Ctrl-C', async () => {
  const stays = 'console.log(process.pid); setInterval(() => {}, 1000)'
  const late = await start(stays, never, 1)
  await expect(late.done).rejects.toMatchObject({ code: 'NOT_READY', exitCode: 3 })
  const leave = new AbortController()
  const left = await start(stays, leave.signal)
  left.done.catch(() => {})
  await expect.poll(left.log, { timeout: 20_000 }).toMatch(/^\d+\n$/)
  const pid = Number(await left.log())
  leave.abort(new Error('Ctrl-C'))
  await expect(left.done).rejects.toThrow(/abort/)
  expect(isRunning(pid)).toBe(false)
  expect(await noted(left.folder)).toEqual([])
})
