/**
 * The preset ingress: hosts, paths, annotations and routes.
 * @module-tag platform-images
 */
import { readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Finished, repository } from '../support/devk.ts'
import { eventually } from '../support/eventually.ts'
import { requestHost } from '../support/http.ts'
import { leftovers } from '../support/leftovers.ts'
import { copyExample, type ExampleProject } from '../support/projects/example-project.ts'

const project = 'ingress-e2e'
const port = 31080
const namespace = 'agentic-startup-studio'

let example: ExampleProject
let up: Finished

beforeAll(async () => {
  example = await copyExample({ name: 'ingress', home: 'test/e2e/support/projects/ingress', project, changes: [] })
  for (const [name, file] of Object.entries(designRecords)) {
    await example.write(
      `k8s/record-${name}.yaml`,
      await readFile(join(repository, 'examples', name, 'k8s', file), 'utf8'),
    )
  }
  up = await example.run(['up', '--detach', '--yes', '--timeout', '20m'])
  expect(up.exitCode, up.stderr).toBe(0)
  // Traefik follows the readiness of the last pods after a moment.
  await eventually('the canary', 10, async () =>
    (await ask('one.localhost', '/exactly')).received?.name === 'canary' ? true : undefined,
  )
})

afterAll(async () => {
  await example?.dispose()
  expect(await leftovers(project)).toEqual([])
})

/** The Ingress manifests of the design records, by example. */
const designRecords = {
  'marimo-erp': 'ingress.yml',
  'agentic-startup-studio': 'ingress.yaml',
  'screenshot-algo': 'base/ingress.yaml',
}

interface Answer {
  readonly status: number
  /** What the pod that answered received; undefined when no pod answered. */
  readonly received: { name: string; path: string; host: string; bytes: number } | undefined
}

/** Sends a request for a host through the ingress. */
async function ask(host: string, path?: string, body?: string): Promise<Answer> {
  const wanted = { host, ...(path === undefined ? {} : { path }), ...(body === undefined ? {} : { body }) }
  const { status, body: text } = await requestHost(port, wanted)
  return { status, received: status === 200 ? JSON.parse(text) : undefined }
}

/** The number of requests that the canary answered; expects the main pod to answer the others. */
async function canaryShare(host: string, requests: number): Promise<number> {
  let canary = 0
  for (let n = 0; n < requests; n += 1) {
    const { received } = await ask(host)
    expect(['main', 'canary']).toContain(received?.name)
    if (received?.name === 'canary') canary += 1
  }
  return canary
}

test('up names the annotation that the ingress controller does not know', () => {
  expect(up.stdout + up.stderr).toMatch(/mirror-target/)
})

test('hosts and paths lead to the Services of the rules', async () => {
  // A canary gets every fifth request, so ten requests show that these paths are no canary.
  for (let n = 0; n < 10; n += 1) {
    expect(await ask('one.localhost')).toMatchObject({ status: 200, received: { name: 'main', path: '/' } })
    expect(await ask('one.localhost', '/deep/er?q=1')).toMatchObject({
      received: { name: 'main', path: '/deep/er?q=1' },
    })
    expect(await ask('one.localhost', '/exactly')).toMatchObject({ received: { name: 'canary' } })
    expect(await ask('one.localhost', '/exactly/not')).toMatchObject({ received: { name: 'main' } })
    expect(await ask('two.localhost')).toMatchObject({ received: { name: 'canary' } })
    expect(await ask('nobody.localhost')).toMatchObject({ status: 404 })
  }
})

test('a web page whose name was changed to lead to this machine gets nothing of an Ingress with a host', async () => {
  for (const host of ['attacker.example', 'one.localhost.attacker.example', '127.0.0.1.attacker.example']) {
    expect(await ask(host), host).toMatchObject({ status: 404, received: undefined })
  }
})

test('an Ingress without a class gets the default class', async () => {
  expect(await ask('default.localhost')).toMatchObject({ status: 200, received: { name: 'main' } })
})

test('an annotation rewrites the path', async () => {
  expect(await ask('rewrite.localhost', '/api/items/7?full=1')).toMatchObject({ received: { path: '/items/7?full=1' } })
  expect(await ask('rewrite.localhost', '/other')).toMatchObject({ status: 404 })
})

test('a body over the limit is refused, and one below it arrives complete', async () => {
  expect(await ask('body.localhost', '/', 'x'.repeat(1000))).toMatchObject({ status: 200, received: { bytes: 1000 } })
  expect(await ask('body.localhost', '/', 'x'.repeat(5000))).toMatchObject({ status: 413 })
})

test('a connection can be upgraded to another protocol', async () => {
  const headers = { host: `one.localhost:${port}`, connection: 'Upgrade', upgrade: 'echo' }
  const said = await new Promise<string>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, headers, agent: false, timeout: 10_000 })
    sent.on('upgrade', (_answer, socket) => {
      socket.on('data', (part) => {
        socket.destroy()
        resolve(String(part))
      })
      socket.write('over here')
    })
    sent.on('response', ({ statusCode }) => reject(new Error(`status ${statusCode}`)))
    sent.on('timeout', () => sent.destroy(new Error('no answer in 10 s')))
    sent.on('error', reject)
    sent.end()
  })
  expect(said).toBe('over here')
})

test('requests over the rate limit are refused, and later ones are answered', async () => {
  const all = await Promise.all(Array.from({ length: 40 }, () => ask('rate.localhost')))
  const statuses = new Set(all.map(({ status }) => status))
  expect([...statuses].sort()).toEqual([200, 429])
  await eventually('the next request', 20, async () =>
    (await ask('rate.localhost')).status === 200 ? true : undefined,
  )
})

test('an annotation sends one request in five to the canary', async () => {
  const canary = await canaryShare('weighed.localhost', 500)
  expect(canary).toBeGreaterThanOrEqual(75)
  expect(canary).toBeLessThanOrEqual(125)
})

test('the weights of an HTTPRoute send one request in five to the canary', async () => {
  const canary = await canaryShare('route.localhost', 500)
  expect(canary).toBeGreaterThanOrEqual(75)
  expect(canary).toBeLessThanOrEqual(125)
})

test('the Ingress manifests of the design records work unchanged', async () => {
  expect(await ask('erp.localhost', '/api/users')).toMatchObject({ received: { name: 'main', path: '/api/users' } })
  expect(await ask('screenshot-algo.example.com', '/api/x')).toMatchObject({
    received: { name: 'main', path: '/api/x' },
  })
  expect(await ask('screenshot-algo.example.com', '/')).toMatchObject({ received: { name: 'canary' } })
  // This Ingress has TLS, so HTTP is redirected.
  expect(await ask('api.example.com')).toMatchObject({ status: 308 })
})

test('each Ingress has the address of this machine, except one that only adds a weight to another', async () => {
  const rows = 'jsonpath={range .items[*]}{.metadata.name} {.status.loadBalancer.ingress[*].ip}{"\\n"}{end}'
  await eventually('an address for each', 30, async () => {
    const without = (await kubectl('get', 'ingress', '-o', rows))
      .split('\n')
      .filter((row) => !row.endsWith(' 127.0.0.1') && row.trim() !== 'weighed')
    if (without.length > 0) throw new Error(`without an address: ${without}`)
    return true
  })
})

test('a second up changes nothing', async () => {
  const before = await kubectl('get', 'deployment,service,ingress', '-A', '-o', generations)
  const { exitCode, stdout } = await example.run(['up', '--detach', '--yes', '--json'])
  expect(exitCode, stdout).toBe(0)
  expect(await kubectl('get', 'deployment,service,ingress', '-A', '-o', generations)).toBe(before)
})

test('up without the preset deletes exactly the objects of the preset', async () => {
  await example.edit('platform.config.ts', "  presets: ['ingress'],\n", '')
  await example.edit('platform.config.ts', ", url: 'http://one.localhost:31080/'", '')
  await rm(join(example.folder, 'k8s/route.yaml'))
  const { exitCode, stderr } = await example.run(['up', '--detach', '--yes', '--timeout', '5m'])
  expect(exitCode, stderr).toBe(0)
  const left = 'namespace,ingressclass,clusterrole,clusterrolebinding,customresourcedefinition'
  const names = await kubectl('get', left, '-o', 'name')
  expect(names.split('\n').filter((name) => /ingress-nginx|nginx$|traefik|gateway/.test(name))).toEqual([])
  expect(await kubectl('get', 'deployment', '-o', 'name')).toBe('deployment.apps/canary\ndeployment.apps/main')
})

/** Output of kubectl that changes when something writes to an object. */
const generations = 'jsonpath={range .items[*]}{.metadata.name} {.metadata.generation}{"\\n"}{end}'

const kubectl = (...args: string[]) => example.kubectl('-n', namespace, ...args)
