import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { processOf } from '../../../src/exec/descendants.ts'
import { execaRunner } from '../../../src/exec/runner.ts'
import { clearBackground, isRunning, noteBackground } from '../../../src/session/background.ts'
import { sessionSocket } from '../../../src/session/socket.ts'
import { statePaths } from '../../../src/state/paths.ts'

vi.setConfig({ testTimeout: 30_000 })
const runner = execaRunner(process.env)

async function project() {
  const home = await mkdtemp(join(tmpdir(), 'devk-kept-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  return statePaths({ HOME: home }).project('todo')
}

/** A program that runs until the end of the test. */
async function program(env: Record<string, string> = {}) {
  const script = 'console.log(1); setInterval(() => {}, 1000)'
  const child = spawn(process.execPath, ['-e', script], { env: { PATH: process.env.PATH, ...env }, detached: true })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return { child, pid: child.pid ?? 0, ended: once(child, 'exit') }
}

/** Leaves what a devk in the background has, with its record. */
async function left(paths: Awaited<ReturnType<typeof project>>, record: object) {
  const socket = sessionSocket(paths.folder)
  await mkdir(dirname(socket), { recursive: true })
  await mkdir(join(paths.outputs, 'api'), { recursive: true })
  await writeFile(socket, '')
  await writeFile(paths.background.log, 'of before\n')
  await writeFile(paths.background.record, JSON.stringify(record))
  await writeFile(paths.record, '{}')
}

test('a note is private, names this process, and is removed with log and socket', async () => {
  const paths = await project()
  const forget = await noteBackground(paths, randomUUID())
  expect((await stat(paths.background.record)).mode & 0o777).toBe(0o600)
  expect(JSON.parse(await readFile(paths.background.record, 'utf8'))).toMatchObject(
    processOf(process.platform, process.pid) ?? {},
  )
  expect(await clearBackground(paths, runner)).toBeUndefined()
  expect(existsSync(paths.background.record)).toBe(true)
  await writeFile(paths.background.log, '')
  forget()
  forget()
  expect(await readdir(paths.folder)).toEqual([])
  expect(await clearBackground(paths, runner)).toBeUndefined()
})

test('what one left that was killed is removed: its files and programs, and no others', async () => {
  const paths = await project()
  const id = randomUUID()
  const [marked, other] = [await program({ DEVK_BACKGROUND: id }), await program({ DEVK_BACKGROUND: randomUUID() })]
  // The pid has become that of another program.
  await left(paths, { id, pid: other.pid, started: 'before' })
  const told = await clearBackground(paths, runner)
  expect(told).toBe(
    `The devk in the background (pid ${other.pid}) was killed. What it left is removed. Programs that it had started were ended: 1.`,
  )
  expect(await marked.ended).toEqual([null, 'SIGKILL'])
  expect([isRunning(marked.pid), isRunning(other.pid)]).toEqual([false, true])
  expect((await readdir(paths.folder)).sort()).toEqual(['project.json', 'session'])
  expect(await readdir(join(paths.folder, 'session'))).toEqual([])
})

test('of one that has failed, the error is told; a damaged note is removed', async () => {
  const paths = await project()
  await left(paths, { id: randomUUID(), pid: 1, started: 'before' })
  await writeFile(paths.background.log, 'a line\n✖ Port 80 is taken [PORT_TAKEN]\n\n  a hint\n')
  expect(await clearBackground(paths, runner)).toBe(
    'The devk in the background (pid 1) has failed: Port 80 is taken [PORT_TAKEN]. What it left is removed.',
  )
  await left(paths, { id: '; rm', pid: 'x' })
  expect(await clearBackground(paths, runner)).toBe('The devk in the background was killed. What it left is removed.')
  expect(existsSync(paths.background.record)).toBe(false)
})

test('what runs is left alone', async () => {
  const paths = await project()
  const id = randomUUID()
  const { pid } = await program({ DEVK_BACKGROUND: id })
  await left(paths, { id, ...processOf(process.platform, pid) })
  expect(await clearBackground(paths, runner)).toBeUndefined()
  expect(isRunning(pid)).toBe(true)
  expect(existsSync(paths.background.log)).toBe(true)
})
