/** Another user of the machine can neither keep devk waiting nor give it something to read. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { acquireLock } from '../../src/state/lock.ts'

const { signal } = new AbortController()
const nobody = 65_534

/** A folder that everybody can enter, as a home often is. */
async function lockIn(): Promise<{ path: string; command: string; pid: number; signal: AbortSignal }> {
  const root = await mkdtemp(join(tmpdir(), 'devk-attack-lock-'))
  await chmod(root, 0o755)
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  return { path: join(root, 'locks/project-shop'), command: 'devk up', pid: 4711, signal }
}

/** Runs a script as another user until the test ends, and gives the first line that it writes. Uses sudo if need be. */
async function asNobody(script: string): Promise<string> {
  const args = ['--no-warnings', '-e', script]
  const child =
    process.getuid?.() === 0
      ? spawn(process.execPath, args, { uid: nobody, gid: nobody, cwd: '/', env: {} })
      : spawn('sudo', ['-n', '-u', `#${nobody}`, process.execPath, ...args], { cwd: '/' })
  onTestFinished(() => void child.kill())
  return String(await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])).trim()
}

test('a lock does not depend on a name that every user can take', async () => {
  const options = await lockIn()
  const hash = createHash('sha256').update(options.path).digest('hex').slice(0, 24)
  const name = `devk-${process.getuid?.()}-${hash}`
  // Names of sockets in the kernel and in /tmp, which locks once were.
  const addresses = JSON.stringify([`\0${name}`, `/tmp/${name}.sock`])
  const script = `let left = 2
    for (const address of ${addresses})
      require('node:net').createServer(() => {}).listen(address, () => --left || console.log('listens'))`
  expect(await asNobody(script)).toBe('listens')
  onTestFinished(() => rm(`/tmp/${name}.sock`, { force: true }))
  await (await acquireLock(options)).release()
})

test('only its user can open a lock, also in a folder that everybody could write', async () => {
  const options = await lockIn()
  await mkdir(dirname(options.path), { mode: 0o777 })
  await chmod(dirname(options.path), 0o777)
  const take = `
    try { new (require('node:sqlite').DatabaseSync)(${JSON.stringify(options.path)}).exec('BEGIN EXCLUSIVE'); console.log('took it') }
    catch (error) { console.log(error.message) }
    setInterval(() => {}, 1000)`
  await (await acquireLock(options)).release()
  expect(await asNobody(take)).toBe('unable to open database file')
  const lock = await acquireLock(options)
  expect((await stat(dirname(options.path))).mode & 0o777).toBe(0o700)
  await lock.release()
})

test('a folder of another user holds no lock', async () => {
  const options = await lockIn()
  await mkdir(dirname(options.path))
  vi.spyOn(process, 'getuid').mockReturnValue(nobody)
  onTestFinished(() => void vi.restoreAllMocks())
  await expect(acquireLock(options)).rejects.toMatchObject({
    code: 'LOCK_UNUSABLE',
    message: expect.stringContaining('belongs to another user'),
  })
})
