import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { execaRunner } from '../../../src/exec/runner.ts'
import { startEngine } from '../../../src/host/start-engine.ts'
import { waitUntil } from '../../../src/lib/wait.ts'

/** A second engine beside the machine's own: its socket, data and processes lie in a folder of the test. */
let folder = ''
const at = (leaf: string) => join(folder, leaf)
const { signal } = new AbortController()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-engine-'))
})

afterEach(async () => {
  const pid = Number(await readFile(at('pid'), 'utf8').catch(() => '0'))
  if (pid > 0) {
    process.kill(pid, 'SIGTERM')
    const gone = async () => (isAlive(pid) ? 'it still runs' : undefined)
    await waitUntil(gone, { what: 'The end of dockerd', timeoutMs: 30_000, signal })
  }
  await rm(folder, { recursive: true, force: true })
})

function start(args: readonly string[]): Promise<void> {
  const where = ['--host', `unix://${at('socket')}`, '--data-root', at('data'), '--exec-root', at('exec')]
  return startEngine({
    runner: execaRunner(process.env),
    env: process.env,
    stateFolder: at('state'),
    answers: () => ping(at('socket')),
    say: () => {},
    signal,
    args: [...where, '--pidfile', at('pid'), '--bridge', 'none', '--iptables=false', '--ip6tables=false', ...args],
  })
}

function ping(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping' }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked.on('error', () => resolve(false)).end()
  })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('an engine is started, answers, and has a session of its own', async () => {
  await start([])
  expect(await ping(at('socket'))).toBe(true)
  const pid = (await readFile(at('pid'), 'utf8')).trim()
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  expect(fields[3]).toBe(pid)
  expect(await readFile(at('state/dockerd.log'), 'utf8')).toContain('API listen on')
})

test('an engine that ends is told with the words of its log', async () => {
  const failure = await start(['--storage-driver', 'no-such-driver']).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining('exit code 1'),
    details: expect.arrayContaining([expect.stringContaining('no-such-driver')]),
    hint: expect.stringContaining('dockerd.log'),
  })
})
