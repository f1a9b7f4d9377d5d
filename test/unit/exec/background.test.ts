import { mkdtemp, readFile, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startInBackground } from '../../../src/exec/background.ts'

vi.setConfig({ testTimeout: 30_000 })
const patience = { timeout: 20_000 }
const stay = 'setInterval(() => {}, 1000)'

async function started(script: string, args: readonly string[] = []) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'devk-background-')))
  const log = join(folder, 'state', 'log')
  const env = { PATH: process.env.PATH, OF: 'the test' }
  const child = startInBackground({ args, cwd: folder, env, log, program: ['--eval', script, '--'] })
  onTestFinished(async () => {
    await child.end()
    await rm(folder, { recursive: true, force: true })
  })
  return { child, folder, log, written: () => readFile(log, 'utf8').catch(() => '') }
}

test('it has no terminal and no input, leads a session of its own, and writes to a private log', async () => {
  const facts = 'JSON.stringify([process.argv.slice(1), process.cwd(), process.env.OF, process.stdin.isTTY ?? false])'
  const read = `require('node:fs').readFileSync(0, 'utf8')`
  const { child, folder, log, written } = await started(
    `console.log(${facts}); console.error('input', ${read}); ${stay}`,
    ['a b'],
  )
  await expect.poll(written, patience).toContain('input')
  expect(await written()).toBe(`${JSON.stringify([['a b'], folder, 'the test', false])}\ninput \n`)
  expect((await stat(log)).mode & 0o777).toBe(0o600)
  const proc = await readFile(`/proc/${child.pid}/stat`, 'utf8')
  const [, , group, session] = proc.slice(proc.lastIndexOf(')') + 2).split(' ')
  expect([group, session]).toEqual([String(child.pid), String(child.pid)])
  expect(child.ended()).toBeUndefined()
  await child.end()
  expect(child.ended()).toBe('ended with SIGTERM')
})

test('how it ends is known', async () => {
  const { child, written } = await started("console.error('✖ no'); process.exitCode = 3")
  await expect.poll(child.ended, patience).toBe('ended with exit code 3')
  expect(await written()).toBe('✖ no\n')
})
