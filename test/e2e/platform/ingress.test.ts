import { readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askByHost } from '../support/by-host.ts'
import { type Finished, repository } from '../support/devk.ts'
import { leftovers } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { type Example, exampleProject } from '../support/example.ts'

const project = 'edge-e2e'
const port = 31080
const namespace = 'agentic-startup-studio'

let edge: Example
let up: Finished

beforeAll(async () => {
  edge = await exampleProject({ name: 'edge', home: 'test/e2e/support/edge', project, changes: [] })
  for (const [name, file] of Object.entries(seeds)) {
    await edge.write(`k8s/of-${name}.yaml`, await readFile(join(repository, 'examples', name, 'k8s', file), 'utf8'))
  }
  up = await edge.run(['up', '--detach', '--yes', '--timeout', '20m'])
  expect(up.exitCode, up.stderr).toBe(0)
  // Traefik follows the pods that became ready last a moment after the API server tells it.
  await eventually('the canary', 10, async () =>
    (await ask('one.localhost', '/exactly')).told?.name === 'canary' ? true : undefined,
  )
})

afterAll(async () => {
  await edge?.dispose()
  expect(await leftovers(project)).toEqual([])
})

/** The ingresses of the design records, as the examples keep them. */
const seeds = {
  'marimo-erp': 'ingress.yml',
  'agentic-startup-studio': 'ingress.yaml',
  'screenshot-algo': 'base/ingress.yaml',
}

interface Answer {
  readonly status: number
  /** What the pod says that answered; undefined when no pod did. */
  readonly told: { name: string; path: string; host: string; bytes: number } | undefined
}

async function ask(host: string, path?: string, body?: string): Promise<Answer> {
  const wanted = { host, ...(path === undefined ? {} : { path }), ...(body === undefined ? {} : { body }) }
  const { status, body: text } = await askByHost(port, wanted)
  return { status, told: status === 200 ? JSON.parse(text) : undefined }
}

/** How many of so many requests the canary answered; the others must have met the main pod. */
async function canaryShare(host: string, requests: number): Promise<number> {
  let canary = 0
  for (let n = 0; n < requests; n += 1) {
    const { told } = await ask(host)
    expect(['main', 'canary']).toContain(told?.name)
    if (told?.name === 'canary') canary += 1
  }
  return canary
}

test('up names the annotation that the ingress controller does not know', () => {
  expect(up.stdout + up.stderr).toMatch(/mirror-target/)
})

test('hosts and paths lead to the Services that the rules name', async () => {
  // Twice as often as a canary's turn comes, so that its share of something else cannot pass for a rule.
  for (let n = 0; n < 10; n += 1) {
    expect(await ask('one.localhost')).toMatchObject({ status: 200, told: { name: 'main', path: '/' } })
    expect(await ask('one.localhost', '/deep/er?q=1')).toMatchObject({ told: { name: 'main', path: '/deep/er?q=1' } })
    expect(await ask('one.localhost', '/exactly')).toMatchObject({ told: { name: 'canary' } })
    expect(await ask('one.localhost', '/exactly/not')).toMatchObject({ told: { name: 'main' } })
    expect(await ask('two.localhost')).toMatchObject({ told: { name: 'canary' } })
    expect(await ask('nobody.localhost')).toMatchObject({ status: 404 })
  }
})

test('an Ingress without a class is taken by the default one', async () => {
  expect(await ask('default.localhost')).toMatchObject({ status: 200, told: { name: 'main' } })
})

test('a path is rewritten', async () => {
  expect(await ask('rewrite.localhost', '/api/items/7?full=1')).toMatchObject({ told: { path: '/items/7?full=1' } })
  expect(await ask('rewrite.localhost', '/other')).toMatchObject({ status: 404 })
})

test('a body over the limit is refused, one below it arrives whole', async () => {
  expect(await ask('body.localhost', '/', 'x'.repeat(1000))).toMatchObject({ status: 200, told: { bytes: 1000 } })
  expect(await ask('body.localhost', '/', 'x'.repeat(5000))).toMatchObject({ status: 413 })
})

test('a connection is handed over to another protocol, both ways at once', async () => {
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

test('requests over the rate are refused, and taken again later', async () => {
  const all = await Promise.all(Array.from({ length: 40 }, () => ask('rate.localhost')))
  const statuses = new Set(all.map(({ status }) => status))
  expect([...statuses].sort()).toEqual([200, 429])
  await eventually('the next request', 20, async () =>
    (await ask('rate.localhost')).status === 200 ? true : undefined,
  )
})

test('one request in five goes to the canary, by annotation', async () => {
  const canary = await canaryShare('weighed.localhost', 500)
  expect(canary).toBeGreaterThanOrEqual(75)
  expect(canary).toBeLessThanOrEqual(125)
})

test('one request in five goes to the canary, by the weights of an HTTPRoute', async () => {
  const canary = await canaryShare('route.localhost', 500)
  expect(canary).toBeGreaterThanOrEqual(75)
  expect(canary).toBeLessThanOrEqual(125)
})

test('the ingresses of the design records work as they are', async () => {
  expect(await ask('erp.localhost', '/api/users')).toMatchObject({ told: { name: 'main', path: '/api/users' } })
  expect(await ask('screenshot-algo.example.com', '/api/x')).toMatchObject({ told: { name: 'main', path: '/api/x' } })
  expect(await ask('screenshot-algo.example.com', '/')).toMatchObject({ told: { name: 'canary' } })
  // This one has TLS, so plain HTTP is sent there.
  expect(await ask('api.example.com')).toMatchObject({ status: 308 })
})

test('each Ingress carries the address of the laptop, but for one that only adds a weight to another', async () => {
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
  const { exitCode, stdout } = await edge.run(['up', '--detach', '--yes', '--json'])
  expect(exitCode, stdout).toBe(0)
  expect(await kubectl('get', 'deployment,service,ingress', '-A', '-o', generations)).toBe(before)
})

test('without the preset, exactly what it brought is gone', async () => {
  await edge.edit('platform.config.ts', "  presets: ['ingress'],\n", '')
  await edge.edit('platform.config.ts', ", url: 'http://one.localhost:31080/'", '')
  await rm(join(edge.folder, 'k8s/route.yaml'))
  const { exitCode, stderr } = await edge.run(['up', '--detach', '--yes', '--timeout', '5m'])
  expect(exitCode, stderr).toBe(0)
  const left = 'namespace,ingressclass,clusterrole,clusterrolebinding,customresourcedefinition'
  const names = await kubectl('get', left, '-o', 'name')
  expect(names.split('\n').filter((name) => /ingress-nginx|nginx$|traefik|gateway/.test(name))).toEqual([])
  expect(await kubectl('get', 'deployment', '-o', 'name')).toBe('deployment.apps/canary\ndeployment.apps/main')
})

const generations = 'jsonpath={range .items[*]}{.metadata.name} {.metadata.generation}{"\\n"}{end}'

const kubectl = (...args: string[]) => edge.kubectl('-n', namespace, ...args)
