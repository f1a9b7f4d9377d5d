import { afterAll, beforeAll, expect, test } from 'vitest'
import { askByHost } from '../support/by-host.ts'
import type { Running } from '../support/devk.ts'
import { leftovers } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { type Example, exampleProject } from '../support/example.ts'

const project = 'marimo-e2e'
const namespace = 'marimo-erp'
const gateway = 'http://127.0.0.1:18081/api'

const webPort = 31380

let marimo: Example
let dev: Running | undefined

const changes = [
  ['18080:8080', '18081:8080'],
  [
    "cluster: { provider: 'kind', workers: 2 }",
    `cluster: { provider: 'kind', workers: 2, ports: ['${webPort}:80', '${webPort + 1}:443'] }`,
  ],
] as const

beforeAll(async () => {
  marimo = await exampleProject({ name: 'marimo-erp', project, changes })
})

afterAll(async () => {
  dev?.child.kill('SIGINT')
  await dev?.finished
  await marimo?.dispose()
})

const kubectl = (...args: string[]) => marimo.kubectl('-n', namespace, ...args)

async function ask(method: string, path: string, options: { body?: object; token?: string } = {}) {
  const { body, token } = options
  const response = await fetch(`${gateway}${path}`, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const ada = { email: 'ada@example.com', password: 'lovelace' }

test('up brings production up from nothing, in the order of what depends on what', async () => {
  const up = await marimo.run(['up', '--yes', '--detach', '--timeout', '20m'])
  expect(up.stderr).toMatch(/Ready in/)
  expect(up.exitCode).toBe(0)
  const status = JSON.parse((await marimo.run(['status', '--json'])).stdout)
  expect(status.services.map((s: { name: string; state: string }) => `${s.name} ${s.state}`).sort()).toEqual(
    ['auth', 'backup', 'consul', 'gateway', 'migrate', 'postgres', 'rabbitmq', 'redis', 'users'].map(
      (name) => `${name} ready`,
    ),
  )
}, 3_600_000)

test('the three environments are namespaces that take restricted pods only', async () => {
  for (const name of [namespace, `${namespace}-staging`, `${namespace}-dev`]) {
    const refused = kubectl('run', 'root', '-n', name, '--image=busybox:1.37', '--restart=Never', '--dry-run=server')
    await expect(refused).rejects.toThrow(/violates PodSecurity "restricted:latest"/)
  }
})

test('a request goes through the gateway, the sessions in Redis, the event in RabbitMQ, and PostgreSQL', async () => {
  dev = marimo.start(['dev'])
  await dev.sees(/Watching/, 120_000)
  await eventually('a registration', 60, async () => {
    const { status } = await ask('POST', '/auth/register', { body: ada })
    return status === 201 || status === 409 ? true : undefined
  })
  const login = await ask('POST', '/auth/login', { body: ada })
  expect(login.status).toBe(200)
  const token = String(login.body.token)
  expect((await ask('GET', '/users/directory')).status).toBe(401)
  const directory = await eventually('the entry in the directory', 30, async () => {
    const { body } = await ask('GET', '/users/directory', { token })
    return Array.isArray(body) && body.length > 0 ? body : undefined
  })
  expect(directory).toMatchObject([{ email: ada.email, name: 'ada' }])
})

test('a setting in Consul closes the gateway, and opens it again, with no release', async () => {
  const consul = (...args: string[]) => marimo.run(['exec', 'consul', '--', 'consul', 'kv', ...args])
  const isClosed = async () => (await ask('POST', '/auth/login', { body: ada })).status === 503
  expect((await consul('put', 'marimo/maintenance', 'stocktaking')).exitCode).toBe(0)
  await eventually('the closing', 30, async () => (await isClosed()) || undefined)
  expect((await consul('delete', 'marimo/maintenance')).exitCode).toBe(0)
  await eventually('the opening', 30, async () => !(await isClosed()) || undefined)
})

test('the ingress lets the API in, past the policies', async () => {
  const asked = await askByHost(webPort, { host: 'erp.localhost', path: '/api/auth/login', body: JSON.stringify(ada) })
  expect(asked.status, asked.body).toBe(200)
  expect((await askByHost(webPort, { host: 'erp.localhost', path: '/other' })).status).toBe(404)
})

test('the autoscaler brings the gateway to three, and has figures to go by', async () => {
  await eventually('three gateways', 120, async () => {
    const ready = await kubectl('get', 'deployment', 'api-gateway-blue', '-o', 'jsonpath={.status.readyReplicas}')
    return Number(ready) >= 3 ? true : undefined
  })
  const figure = 'jsonpath={.status.currentMetrics[0].resource.current.averageUtilization}'
  await eventually('the use of the CPU', 120, async () => {
    const text = await kubectl('get', 'hpa', 'api-gateway-hpa', '-o', figure)
    return text === '' ? undefined : true
  })
})

test('the backup runs on demand: a dump that holds both tables', async () => {
  const backup = await marimo.run(['run', 'backup'])
  expect(backup.stdout).toMatch(/TABLE DATA public accounts/)
  expect(backup.stdout).toMatch(/TABLE DATA public directory/)
  expect(backup.exitCode).toBe(0)
})

test('the backup runs by its schedule', async () => {
  await kubectl('patch', 'cronjob', 'postgres-backup', '-p', '{"spec":{"schedule":"* * * * *"}}')
  await eventually('a scheduled backup', 150, async () => {
    const last = await kubectl('get', 'cronjob', 'postgres-backup', '-o', 'jsonpath={.status.lastSuccessfulTime}')
    return last === '' ? undefined : last
  })
  await kubectl('patch', 'cronjob', 'postgres-backup', '-p', '{"spec":{"schedule":"0 3 * * *"}}')
})

test('migrations can be run again, and say what was done before', async () => {
  const migrate = await marimo.run(['run', 'migrate'])
  expect(migrate.stdout).toMatch(/001_accounts\.sql was done before/)
  expect(migrate.exitCode).toBe(0)
})

test('no service may do anything at the API server; a release may switch the gateway and nothing else', async () => {
  const may = (account: string, ...words: string[]) =>
    kubectl('auth', 'can-i', `--as=system:serviceaccount:${namespace}:${account}`, ...words).catch(() => 'no')
  expect(await may('auth-service', 'get', 'secrets')).toBe('no')
  expect(await may('releaser', 'patch', 'service/api-gateway-service')).toBe('yes')
  expect(await may('releaser', 'patch', 'service/postgres-service')).toBe('no')
  expect(await may('releaser', 'get', 'secrets')).toBe('no')
})

test('down removes everything', async () => {
  dev?.child.kill('SIGINT')
  expect((await dev?.finished)?.exitCode).toBe(130)
  dev = undefined
  expect((await marimo.run(['down'])).exitCode).toBe(0)
  expect(await leftovers(project)).toEqual([])
})
