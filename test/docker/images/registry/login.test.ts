import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { dockerEngine } from '../../../../src/engine/engine.ts'
import { findManifest } from '../../../../src/images/registry/content.ts'
import { basicAuthorization } from '../../../../src/images/registry/login.ts'
import { connectNodes } from '../../../../src/images/registry/nodes.ts'
import {
  ensureRegistry,
  findRegistry,
  type Registry,
  type RegistryPlace,
  removeRegistry,
} from '../../../../src/images/registry/registry.ts'
import { agentOfCheckout } from '../../../support/agents.ts'
import { buildRequest } from '../../../support/build-request.ts'
import { docker } from '../../../support/docker.ts'
import { builderFor } from '../../../support/image-builder.ts'

const engine = dockerEngine(process.env)
const signal = new AbortController().signal
const container = 'devk-test-login'
let folder = ''
let place: RegistryPlace
let registry: Registry

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-test-'))
  const guard = async () => (await agentOfCheckout()).read()
  place = { dataFolder: join(folder, 'data'), loginFolder: join(folder, 'login'), container, guard }
  await oldRegistry()
  registry = await ensureRegistry(engine, place, signal)
})
afterAll(async () => {
  await removeRegistry(engine, container, signal)
  await rm(folder, { recursive: true, force: true })
})

const port = 5077
const reference = `localhost:${port}/shop/api:1`
let pushed = ''

/** The registry of an older devk, without a login, and with an image. */
async function oldRegistry(): Promise<void> {
  await engine.containers.create(
    {
      name: container,
      image: 'registry:3',
      labels: { 'devk.dev/registry': 'true' },
      env: { OTEL_TRACES_EXPORTER: 'none' },
      ports: [{ container: '5000/tcp', hostPort: port }],
      binds: [{ source: place.dataFolder, target: '/var/lib/registry' }],
    },
    signal,
  )
  await engine.containers.start(container, signal)
  await vi.waitFor(async () => expect(await ask('/v2/', 'GET')).toBe(200), 10_000)
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n')
  await writeFile(join(folder, '.dockerignore'), 'data\nlogin\n')
  await builderFor(process.env).build(buildRequest(folder, reference), () => {}, signal)
  pushed = await engine.images.push(reference, () => {}, signal)
}

/** The header of a request of this user. */
function rightLogin(): { authorization: string } {
  return { authorization: basicAuthorization(registry.login ?? { username: '', password: '' }) }
}

/** The status of a request. */
async function ask(path: string, method: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const at = registry?.port ?? port
  const asked = request({ host: '127.0.0.1', port: at, path, method, headers, agent: false })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}

test('the registry of an older devk is replaced by one with a login, on its port and with its data', async () => {
  expect(registry).toMatchObject({ port, host: `localhost:${port}` })
  expect(await findManifest(registry, reference, signal)).toMatchObject({ digest: pushed })
})

const wrong = basicAuthorization({ username: 'devk', password: 'devk' })
test.each([
  ['a page whose name now points to this machine', () => ({ host: 'attacker.example' }), 421],
  ['such a page with the right login', () => ({ host: 'attacker.example', ...rightLogin() }), 421],
  ['another user', () => ({}), 401],
  ['a wrong password', () => ({ authorization: wrong }), 401],
])('%s reads, writes and deletes nothing', async (_who, headers, status) => {
  for (const [method, path] of [
    ['GET', '/v2/'],
    ['GET', '/v2/_catalog'],
    ['GET', '/v2/shop/api/manifests/1'],
    ['POST', '/v2/shop/api/blobs/uploads/'],
    ['PUT', '/v2/shop/api/manifests/1'],
    ['DELETE', `/v2/shop/api/manifests/${pushed}`],
  ] as const) {
    expect(await ask(path, method, headers()), `${method} ${path}`).toBe(status)
  }
  expect(await findManifest(registry, reference, signal)).toMatchObject({ digest: pushed })
})

test('the registry answers to the hosts that this machine and the nodes use', async () => {
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `${container}:5000`]) {
    expect(await ask('/v2/', 'GET', { host, ...rightLogin() }), host).toBe(200)
  }
})

test('docker pushes with the login only', async () => {
  const config = join(folder, 'login-of-docker')
  const run = (...args: string[]) => promisify(execFile)('docker', ['--config', config, ...args])
  await expect(run('push', reference)).rejects.toThrow(/no basic auth credentials|unauthorized|authentication required/)
  const login = promisify(execFile)('docker', [
    '--config',
    config,
    'login',
    registry.host,
    '-u',
    'devk',
    '--password-stdin',
  ])
  login.child.stdin?.end(await readFile(join(place.loginFolder, 'password')))
  await login
  await run('push', reference)
  await engine.images.remove(reference, signal)
})

test('on a node only root can read the login, and the same configuration is written once', async () => {
  const node = (await docker('run', '-d', 'kit/debian:bookworm', 'sleep', 'infinity')).trim()
  onTestFinished(async () => void (await docker('rm', '-f', '-v', node)))
  const network = `${container}-net`
  const file = `/etc/containerd/certs.d/${registry.host}/hosts.toml`
  const stat = () =>
    docker('exec', node, 'stat', '-c', '%a %i', file, `/etc/containerd/certs.d/${container}:5000/hosts.toml`)
  await connectNodes(engine, { ...registry, login: undefined }, { nodes: [node], network }, signal)
  await docker('exec', node, 'chmod', '644', file)
  await connectNodes(engine, registry, { nodes: [node], network }, signal)
  const first = await stat()
  expect(first).toMatch(/^600 \d+\n600 \d+$/)
  await connectNodes(engine, registry, { nodes: [node], network }, signal)
  expect(await stat()).toBe(first)
  const login = registry.login ?? { username: '', password: '' }
  expect(await docker('exec', node, 'cat', file)).toContain(`Authorization = "${basicAuthorization(login)}"`)
})

test('a new login replaces the container, and the registry of another cache folder is kept', async () => {
  await rm(place.loginFolder, { recursive: true })
  expect(await findRegistry(engine, place, signal)).toBe(undefined)
  const renewed = await ensureRegistry(engine, place, signal)
  expect(renewed).toMatchObject({ port })
  expect(renewed.login).not.toEqual(registry.login)
  expect(await findManifest(renewed, reference, signal)).toMatchObject({ digest: pushed })
  const others = { ...place, dataFolder: join(folder, 'other-data'), loginFolder: join(folder, 'other-login') }
  await expect(ensureRegistry(engine, others, signal)).rejects.toMatchObject({ code: 'OBJECT_FOREIGN' })
  expect(await ensureRegistry(engine, place, signal)).toEqual(renewed)
})

test('the registry of an older devk, with a login and for any host, is replaced once', async () => {
  const { guard, ...unguarded } = place
  await removeRegistry(engine, container, signal)
  registry = await ensureRegistry(engine, unguarded, signal)
  const foreign = () => ask('/v2/', 'GET', { host: 'attacker.example', ...rightLogin() })
  expect(await foreign()).toBe(200)
  expect(await ensureRegistry(engine, place, signal)).toEqual(registry)
  expect(await foreign()).toBe(421)
  const made = (await engine.containers.inspect(container, signal))?.id
  for (const each of [place, unguarded]) await ensureRegistry(engine, each, signal)
  expect((await engine.containers.inspect(container, signal))?.id).toBe(made)
})
