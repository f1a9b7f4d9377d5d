/**
 * Marimo ERP on three nodes: environments, releases, backups, permissions.
 * @module-tag slow-images
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Finished, Running } from '../support/devk.ts'
import { eventually } from '../support/eventually.ts'
import { requestHost } from '../support/http.ts'
import { leftovers } from '../support/leftovers.ts'
import type { ExampleProject } from '../support/projects/example-project.ts'
import {
  ada,
  connectionCheckPod,
  copyMarimoErp,
  gatewayClient,
  host,
  namespace,
} from '../support/projects/marimo-erp.ts'
import { startTraffic } from '../support/traffic.ts'

const project = 'marimo-e2e'
const webPort = 31380
const gatewayPort = 18081
const { ask, login } = gatewayClient(gatewayPort)

/** A person with an account in staging only. */
const grace = { email: 'grace@example.com', password: 'hopper' }

let marimo: ExampleProject
let dev: Running | undefined

beforeAll(async () => {
  marimo = await copyMarimoErp(project, { web: webPort, gateway: gatewayPort })
})

afterAll(async () => {
  dev?.child.kill('SIGINT')
  await dev?.finished
  await marimo?.dispose()
})

const kubectl = (...args: string[]) => marimo.kubectl('-n', namespace, ...args)

/** Ends the `devk dev` that forwards a port to the gateway. */
async function endDev(): Promise<void> {
  dev?.child.kill('SIGINT')
  expect((await dev?.finished)?.exitCode).toBe(130)
  dev = undefined
}

/** Runs devk and expects it to succeed. */
async function devk(...args: string[]): Promise<Finished> {
  const done = await marimo.run(args)
  expect(done.exitCode, done.stderr).toBe(0)
  return done
}

test('up deploys the production environment, and every service gets ready', async () => {
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

test('the namespaces of all three environments accept restricted pods only', async () => {
  for (const name of [namespace, `${namespace}-staging`, `${namespace}-dev`]) {
    const refused = kubectl('run', 'root', '-n', name, '--image=busybox:1.37', '--restart=Never', '--dry-run=server')
    await expect(refused).rejects.toThrow(/violates PodSecurity "restricted:latest"/)
  }
})

test('a request uses the gateway, Redis, RabbitMQ and PostgreSQL', async () => {
  dev = marimo.start(['dev'])
  await dev.waitFor(/Watching/, 120_000)
  await eventually('a registration', 60, async () => {
    const { status } = await ask('POST', '/auth/register', { body: ada })
    return status === 201 || status === 409 ? true : undefined
  })
  const token = await login()
  expect((await ask('GET', '/users/directory')).status).toBe(401)
  const directory = await eventually('the entry in the directory', 30, async () => {
    const { body } = await ask('GET', '/users/directory', { token })
    return Array.isArray(body) && body.length > 0 ? body : undefined
  })
  expect(directory).toMatchObject([{ email: ada.email, name: 'ada' }])
})

test('a setting in Consul closes and opens the gateway without a release', async () => {
  const consul = (...args: string[]) => marimo.run(['exec', 'consul', '--', 'consul', 'kv', ...args])
  const isClosed = async () => (await ask('POST', '/auth/login', { body: ada })).status === 503
  expect((await consul('put', 'marimo/maintenance', 'stocktaking')).exitCode).toBe(0)
  await eventually('the closing', 30, async () => (await isClosed()) || undefined)
  expect((await consul('delete', 'marimo/maintenance')).exitCode).toBe(0)
  await eventually('the opening', 30, async () => !(await isClosed()) || undefined)
})

test('the network policies allow requests from the ingress to the API', async () => {
  const asked = await requestHost(webPort, { host, path: '/api/auth/login', body: JSON.stringify(ada) })
  expect(asked.status, asked.body).toBe(200)
  expect((await requestHost(webPort, { host, path: '/other' })).status).toBe(404)
})

test('each of the three services exposes its request count to Prometheus', async () => {
  const read = "fetch('http://127.0.0.1:8080/metrics').then(async (r) => console.log(await r.text()))"
  for (const [service, name] of [
    ['gateway', 'api-gateway'],
    ['auth', 'auth-service'],
    ['users', 'users-service'],
  ] as const) {
    const { stdout } = await devk('exec', service, '--', 'node', '-e', read)
    expect(stdout).toMatch(/^# TYPE http_requests_total counter$/m)
    expect(stdout).toMatch(new RegExp(`^http_requests_total\\{service="${name}",status="200"\\} [1-9]`, 'm'))
  }
})

test('a pod reaches PostgreSQL only with the right label', async () => {
  const image = await kubectl('get', 'pod', '-l', 'app=auth-service', '-o', 'jsonpath={..containers[0].image}')
  const reached = async (name: string, app: string) => {
    const targets = ['kubernetes.default.svc:443', 'postgres-service:5432']
    await kubectl(...connectionCheckPod(name, app, image.split(' ')[0] ?? '', targets))
    return eventually(`the end of ${name}`, 120, async () => {
      const phase = await kubectl('get', 'pod', name, '-o', 'jsonpath={.status.phase}')
      return phase === 'Succeeded' ? kubectl('logs', name) : undefined
    })
  }
  const [backup, stranger] = await Promise.all([reached('tries-as-backup', 'backup'), reached('tries', 'stranger')])
  expect(backup).toBe('kubernetes.default.svc:443 open\npostgres-service:5432 open')
  expect(stranger).toBe('kubernetes.default.svc:443 open\npostgres-service:5432 closed')
  await kubectl('delete', 'pod', 'tries', 'tries-as-backup', '--now')
})

test('the autoscaler scales the gateway to three pods, and has values for its metric', async () => {
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

test('the backup job dumps both tables', async () => {
  const backup = await marimo.run(['run', 'backup'])
  expect(backup.stdout).toMatch(/TABLE DATA public accounts/)
  expect(backup.stdout).toMatch(/TABLE DATA public directory/)
  expect(backup.exitCode).toBe(0)
})

test('the backup runs on its schedule', async () => {
  await kubectl('patch', 'cronjob', 'postgres-backup', '-p', '{"spec":{"schedule":"* * * * *"}}')
  await eventually('a scheduled backup', 150, async () => {
    const last = await kubectl('get', 'cronjob', 'postgres-backup', '-o', 'jsonpath={.status.lastSuccessfulTime}')
    return last === '' ? undefined : last
  })
  await kubectl('patch', 'cronjob', 'postgres-backup', '-p', '{"spec":{"schedule":"0 3 * * *"}}')
})

test('a second migration run skips the migrations that were applied before', async () => {
  const migrate = await marimo.run(['run', 'migrate'])
  expect(migrate.stdout).toMatch(/001_accounts\.sql was done before/)
  expect(migrate.exitCode).toBe(0)
})

test('a service may not use the API server, and a release may only switch the gateway', async () => {
  const may = (account: string, ...words: string[]) =>
    kubectl('auth', 'can-i', `--as=system:serviceaccount:${namespace}:${account}`, ...words).catch(() => 'no')
  expect(await may('auth-service', 'get', 'secrets')).toBe('no')
  expect(await may('releaser', 'patch', 'service/api-gateway-service')).toBe('yes')
  expect(await may('releaser', 'patch', 'service/postgres-service')).toBe('no')
  expect(await may('releaser', 'get', 'secrets')).toBe('no')
})

test('switch moves the gateway to the next release and back, and every request is answered', async () => {
  const token = await login()
  await endDev()
  await devk('up', '--yes', '--detach', '--profile', 'green', '--timeout', '20m')
  const answered = (colour: string) =>
    eventually(`endpoints that are all ${colour}`, 60, async () => {
      const slices = ['get', 'endpointslices', '-l', 'kubernetes.io/service-name=api-gateway-service']
      const pods = await kubectl(...slices, '-o', 'jsonpath={.items[*].endpoints[*].targetRef.name}')
      return pods.split(' ').every((pod) => pod.startsWith(`api-gateway-${colour}-`)) || undefined
    })
  await answered('blue')
  const headers = { host, authorization: `Bearer ${token}` }
  const clients = startTraffic(`http://127.0.0.1:${webPort}/api/users/directory`, 2, headers)
  const toGreen = await marimo.run(['switch', 'gateway', 'green', '--watch', '5s'])
  await answered('green')
  const served = await marimo.run(['logs', 'gateway-green'])
  const toBlue = await marimo.run(['switch', 'gateway', 'blue', '--watch', '5s'])
  await answered('blue')
  const traffic = await clients.stop()
  expect(toGreen.exitCode, toGreen.stderr).toBe(0)
  expect(toGreen.stderr).toContain('To go back: devk switch gateway blue')
  expect(served.stdout).toContain('api-gateway 1.1.0 listens on 8080')
  expect(toBlue.exitCode, toBlue.stderr).toBe(0)
  expect(traffic.failures).toEqual([])
  expect(traffic.requests).toBeGreaterThan(50)
  expect([...traffic.bodies.keys()].map((body) => JSON.parse(body)[0].email)).toEqual([ada.email])
})

test('staging runs beside production, with a namespace, a host and accounts of its own', async () => {
  await devk('up', '--yes', '--detach', '--profile', 'staging', '--timeout', '20m')
  const login = async (at: string) => {
    const { status } = await requestHost(webPort, { host: at, path: '/api/auth/login', body: JSON.stringify(grace) })
    return status
  }
  await eventually('a registration in staging', 60, async () => {
    const asked = { host: 'erp-staging.localhost', path: '/api/auth/register', body: JSON.stringify(grace) }
    const { status } = await requestHost(webPort, asked)
    return status === 201 || status === 409 || undefined
  })
  expect(await login('erp-staging.localhost')).toBe(200)
  expect(await login(host)).toBe(401)
  const names = async (kind: string, where: string) => {
    const text = await marimo.kubectl('get', kind, '-n', where, '-o', 'jsonpath={.items[*].metadata.name}')
    // The next release exists in production only.
    return text.split(' ').filter((name) => name !== 'api-gateway-green')
  }
  for (const kind of ['deployments', 'statefulsets', 'networkpolicies', 'persistentvolumeclaims']) {
    expect(await names(kind, `${namespace}-staging`), kind).toEqual(await names(kind, namespace))
  }
})

test('down of staging leaves production running', async () => {
  await devk('down', '--project', `${project}-staging`)
  const left = await marimo.kubectl('get', 'deployments,statefulsets', '-n', `${namespace}-staging`, '-o', 'name')
  expect(left).toBe('')
  const { status } = await requestHost(webPort, { host, path: '/api/auth/login', body: JSON.stringify(ada) })
  expect(status).toBe(200)
})

test('down removes everything of the project', async () => {
  expect((await marimo.run(['down'])).exitCode).toBe(0)
  expect(await leftovers(project)).toEqual([])
})
