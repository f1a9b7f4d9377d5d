import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { execaRunner } from '../../../src/exec/runner.ts'
import { runLocal } from '../../../src/local/run.ts'

const runner = execaRunner(process.env)
const never = new AbortController().signal
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'local-run-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
const run = (argv: readonly string[], { timeoutMs = 60_000, signal = never, cwd = folder() } = {}) =>
  runLocal(runner, { argv, cwd, env: { GREETING: 'hello' }, timeoutMs }, signal)
/** Command lines of all processes. */
async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
}

test('it runs in the folder with the variables, and the output of both streams is kept', async () => {
  const cwd = folder()
  const done = await run(['sh', '-c', 'echo $GREETING; pwd >&2; exit 3'], { cwd })
  expect(done).toMatchObject({ problem: 'failed with exit code 3', output: expect.stringContaining('hello\n') })
  expect(done.output).toContain(cwd)
  expect((await run(['true'])).problem).toBeUndefined()
})

test.each([
  [
    'a program that does not exist',
    ['no-such-compiler'],
    'could not be started. Is no-such-compiler installed, and in PATH?',
  ],
  ['an argument that no program can get', ['true', 'a\0b'], expect.stringMatching(/^could not be started/)],
])('%s is a problem, and no error of devk', async (_name, argv, problem) => {
  expect(await run(argv)).toMatchObject({ problem })
})

test('one that never ends is ended when its time is over, with what it has started, which ignores SIGTERM', async () => {
  const mark = `4${process.pid}.31`
  const script = `trap '' TERM; sleep ${mark} & echo started; while :; do sleep ${mark}; done`
  const done = await run(['sh', '-c', script], { timeoutMs: 300 })
  expect(done).toMatchObject({ problem: 'did not end within 300 ms', output: expect.stringContaining('started\n') })
  await expect
    .poll(async () => (await commandLines()).filter((line) => line.includes(mark)), { timeout: 5000 })
    .toEqual([])
})

test('a cancelled one ends with what it has started, and rejects with the reason', async () => {
  const mark = `4${process.pid}.32`
  const cancel = new AbortController()
  const running = run(['sh', '-c', `sleep ${mark}; true`], { signal: cancel.signal })
  const isThere = async () => (await commandLines()).some((line) => line.includes(`sleep\0${mark}`))
  await expect.poll(isThere, { timeout: 5000 }).toBe(true)
  cancel.abort(new Error('a newer save'))
  await expect(running).rejects.toThrow('a newer save')
  await expect.poll(isThere, { timeout: 5000 }).toBe(false)
})

test('of endless output the end is kept', async () => {
  const done = await run(['sh', '-c', 'yes x | head -c 1000000; echo last'])
  expect(done.output.endsWith('last\n')).toBe(true)
  expect(done.output.length).toBeLessThan(100_000)
})

test('its lines are shown as they come, and the last one of standard output is known', async () => {
  const lines: string[] = []
  const argv = ['sh', '-c', 'echo first; echo ko.local/api; echo; echo warning >&2']
  const command = { argv, cwd: folder(), env: {}, timeoutMs: 60_000, onLine: (line: string) => void lines.push(line) }
  expect((await runLocal(runner, command, never)).lastLine).toBe('ko.local/api')
  expect(lines.filter((line) => line !== '').sort()).toEqual(['first', 'ko.local/api', 'warning'])
  expect((await run(['true'])).lastLine).toBeUndefined()
})
