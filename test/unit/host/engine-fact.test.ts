import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { NoAnswer } from '../../../src/engine/answered.ts'
import { DevkError } from '../../../src/errors.ts'
import { engineFact, newEnough } from '../../../src/host/engine-fact.ts'
import { fakeRunner } from '../../fakes/runner.ts'
import { healthy } from './facts.ts'

const { signal } = new AbortController()
const refused = (code: string) => async () => {
  const cause = Object.assign(new Error(`connect ${code}`), { code, syscall: 'connect' })
  throw new DevkError('ENGINE_UNAVAILABLE', 'no answer', { cause })
}
const docker = (version: string) => fakeRunner({ 'dockerd --version': version })

test('an engine that answers is described', async () => {
  const { state: _, ...description } = healthy.engine as typeof healthy.engine & { state: 'running' }
  const runner = fakeRunner({})
  expect(await engineFact(async () => description as never, { runner, env: {}, signal })).toEqual(healthy.engine)
})

test.each(['ENOENT', 'ECONNREFUSED'])('%s means that nothing listens', async (code) => {
  const runner = docker('Docker version 26.1.5+dfsg1, build 411e817')
  expect(await engineFact(refused(code), { runner, env: {}, signal })).toEqual({ state: 'silent', installed: '26.1.5' })
  const none = fakeRunner({ 'dockerd --version': 127 })
  expect(await engineFact(refused(code), { runner: none, env: {}, signal })).toEqual({
    state: 'silent',
    installed: undefined,
  })
})

test('a socket without permission is reported', async () => {
  const cause = Object.assign(new Error('connect EACCES'), {
    code: 'EACCES',
    syscall: 'connect',
    address: '/no/such.sock',
  })
  const ask = () => Promise.reject(new DevkError('ENGINE_UNAVAILABLE', 'no answer', { cause }))
  expect(await engineFact(ask, { runner: fakeRunner({}), env: {}, signal })).toEqual({
    state: 'denied',
    socket: '/no/such.sock',
    group: undefined,
  })
})

test('an engine that accepts connections and does not answer is stuck, and never started', async () => {
  const cause = new NoAnswer('no answer for 14 s')
  const ask = () => Promise.reject(new DevkError('ENGINE_UNAVAILABLE', 'it does not answer', { cause }))
  expect(await engineFact(ask, { runner: fakeRunner({}), env: {}, signal })).toEqual({
    state: 'stuck',
    reason: 'it does not answer',
  })
})

test.each([
  ['Colima', '.colima/default/docker.sock', 'HOME'],
  ['rootless Docker', 'docker.sock', 'XDG_RUNTIME_DIR'],
])('the socket of %s is found when nothing listens on the default one', async (program, path, variable) => {
  await withSocket(path, async (folder, socket) => {
    const env = { [variable]: folder }
    const fact = await engineFact(refused('ENOENT'), { runner: fakeRunner({}), env, signal })
    expect(fact).toEqual({ state: 'elsewhere', program, socket })
  })
})

test('a socket on which nothing listens any more is no engine', async () => {
  const folder = await withSocket('.orbstack/run/docker.sock', async (home) => home)
  const runner = docker('Docker version 26.1.5')
  const fact = await engineFact(refused('ENOENT'), { runner, env: { HOME: folder }, signal })
  expect(fact).toEqual({ state: 'silent', installed: '26.1.5' })
})

test('Podman is named, and no engine', async () => {
  await withSocket('podman/podman.sock', async (folder, podman) => {
    const runner = fakeRunner({ 'dockerd --version': 127 })
    const fact = await engineFact(refused('ENOENT'), { runner, env: { XDG_RUNTIME_DIR: folder }, signal })
    expect(fact).toEqual({ state: 'silent', installed: undefined, podman })
  })
})

/** Runs a function while something listens on a socket at a path below a new folder. */
async function withSocket<T>(path: string, run: (folder: string, socket: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-'))
  const socket = join(folder, path)
  await mkdir(dirname(socket), { recursive: true })
  const server = createServer().listen(socket)
  await once(server, 'listening')
  try {
    return await run(folder, socket)
  } finally {
    server.close()
    await rm(folder, { recursive: true })
  }
}

test('a remote engine is never started', async () => {
  const env = { DOCKER_HOST: 'tcp://box:2375' }
  expect(await engineFact(refused('ECONNREFUSED'), { runner: fakeRunner({}), env, signal })).toEqual({
    state: 'remote',
    reason: 'no answer',
  })
})

test('an engine of a docker context is never started here', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'devk-docker-'))
  const id = createHash('sha256').update('colima').digest('hex')
  await mkdir(join(folder, 'contexts', 'meta', id), { recursive: true })
  await writeFile(join(folder, 'config.json'), JSON.stringify({ currentContext: 'colima' }))
  const meta = { Endpoints: { docker: { Host: 'unix:///home/ada/.colima/docker.sock' } } }
  await writeFile(join(folder, 'contexts', 'meta', id, 'meta.json'), JSON.stringify(meta))
  const env = { DOCKER_CONFIG: folder }
  expect(await engineFact(refused('ENOENT'), { runner: fakeRunner({}), env, signal })).toMatchObject({
    state: 'remote',
  })
  await rm(folder, { recursive: true })
})

test.each([
  ['20.10.24', false],
  ['23.0.0', true],
  ['26.1.5', true],
  ['23.0.0-rc.1', true],
  ['v27.0.1', true],
  ['', false],
])('engine version %j is new enough: %s', (version, expected) => {
  expect(newEnough(version)).toBe(expected)
})
