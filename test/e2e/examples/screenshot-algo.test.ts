/**
 * Screenshot_Algo: overlays, budgets, quotas, releases.
 * @module-tag long
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { postJson, requestHost } from '../support/http.ts'
import { leftovers } from '../support/leftovers.ts'
import { copyExample, type ExampleProject } from '../support/projects/example-project.ts'

const project = 'shots-e2e'
const frontendUrl = 'http://localhost:18083'
const webPort = 31480
const host = 'screenshot-algo.localhost'
let shots: ExampleProject

beforeAll(async () => {
  shots = await copyExample({
    name: 'screenshot-algo',
    project,
    changes: [
      ["['8083:30083', '8093:80']", `['18083:30083', '${webPort}:80', '${webPort + 1}:443']`],
      [':8093', `:${webPort}`],
    ],
  })
  const up = await shots.run(['up', '--yes', '--detach', '--timeout', '15m'])
  expect(up.stderr + up.stdout).toContain(`http://${host}:${webPort}`)
  expect(up.exitCode).toBe(0)
})
afterAll(() => shots?.dispose())

interface Shot {
  readonly id: number
  readonly state: string
  readonly worker: string | null
  readonly problem: string | null
}

const inProject = (...args: string[]) => shots.kubectl('-n', 'screenshot-algo', ...args)
const read = async <T>(path: string) => (await (await fetch(`${frontendUrl}${path}`)).json()) as T
const version = async () => (await read<{ version: string }>('/api/version')).version

/** Waits until six answers in a row are of this version. */
async function expectVersion(wanted: string): Promise<void> {
  await eventually(`version ${wanted} everywhere`, 30, async () => {
    for (let i = 0; i < 6; i += 1) if ((await version()) !== wanted) return undefined
    return true
  })
}

/** Orders a picture of a web page. */
async function order(url: string): Promise<Shot> {
  const answer = await postJson(`${frontendUrl}/api/shots`, { url })
  expect(answer.status).toBe(202)
  return (await answer.json()) as Shot
}

/** Waits until an order is done or has failed. */
const ended = (id: number) =>
  eventually(`shot ${id} ends`, 60, async () => {
    const shot = await read<Shot>(`/api/shots/${id}`)
    return shot.state === 'queued' ? undefined : shot
  })

test('up deploys the replicas of production, and reaches the database outside the cluster', async () => {
  const counts = await inProject(
    ...['get', 'deployments,statefulsets', '-o'],
    'jsonpath={range .items[*]}{.metadata.name}={.status.readyReplicas}{"\\n"}{end}',
  )
  expect(counts.split('\n').sort()).toEqual([
    'redis=1',
    'screenshot-algo-frontend=3',
    'screenshot-algo-worker=5',
    'screenshot-algo=3',
  ])
  const status = JSON.parse((await shots.run(['status', '--json'])).stdout)
  expect(status.externals).toMatchObject([{ name: 'postgres', state: 'ready' }])
  expect(await inProject('get', 'service', 'postgres', '-o', 'jsonpath={.spec.type}')).toBe('ExternalName')
})

test('an order becomes a picture', async () => {
  const { id } = await order('http://screenshot-algo-frontend/')
  expect(await ended(id)).toMatchObject({ state: 'done', problem: null })
  const image = new Uint8Array(await (await fetch(`${frontendUrl}/api/shots/${id}/image`)).arrayBuffer())
  expect([...image.slice(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
})

test('the ingress leads to the back end below /api, and else to the front end', async () => {
  expect(JSON.parse((await requestHost(webPort, { host, path: '/api/version' })).body)).toMatchObject({ version: '1' })
  expect((await requestHost(webPort, { host })).body).toMatch(/<html/i)
})

test('several workers share the orders, and a failed order has a reason', async () => {
  const orders = await Promise.all(Array.from({ length: 20 }, () => order('http://screenshot-algo-frontend/')))
  const ends = await Promise.all(orders.map(({ id }) => ended(id)))
  expect(ends.every(({ state }) => state === 'done')).toBe(true)
  expect(new Set(ends.map(({ worker }) => worker)).size).toBeGreaterThan(1)
  const lost = await order('http://screenshot-algo-frontend/nothing-here')
  expect(await ended(lost.id)).toMatchObject({ state: 'failed', problem: expect.stringContaining('404') })
})

test('a second up reports that nothing changed', async () => {
  const up = await shots.run(['up', '--yes', '--detach'])
  expect(up.exitCode).toBe(0)
  expect(up.stderr).toMatch(/nothing changed/i)
})

test('a release appears in the history, and both devk rollback and kubectl rollout undo take it back', async () => {
  await shots.edit('k8s/base/deployment.yaml', 'value: "1"', 'value: "2"')
  expect((await shots.run(['up', '--yes', '--detach'])).exitCode).toBe(0)
  // Terminating pods still answer for a moment.
  await expectVersion('2')
  const history = JSON.parse((await shots.run(['history', 'backend', '--json'])).stdout)
  expect(history.services[0].revisions.map(({ current }: { current: boolean }) => current)).toEqual([true, false])

  const back = await shots.run(['rollback', 'backend'])
  expect(back.stderr).toMatch(/rolled back/)
  expect(back.exitCode).toBe(0)
  await expectVersion('1')

  await inProject('rollout', 'undo', 'deployment/screenshot-algo')
  expect(await inProject('rollout', 'status', 'deployment/screenshot-algo', '--timeout=120s')).toMatch(/successfully/)
  await expectVersion('2')
})

test('the autoscalers have the limits of the manifests', async () => {
  const scalers = await inProject(
    ...['get', 'hpa', '-o'],
    'jsonpath={range .items[*]}{.metadata.name} {.spec.minReplicas}-{.spec.maxReplicas}{"\\n"}{end}',
  )
  expect(scalers.split('\n')).toEqual(['screenshot-algo 3-20', 'screenshot-algo-worker 5-20'])
})

test('a queued order survives a restart of Redis', async () => {
  await inProject('scale', 'deployment/screenshot-algo-worker', '--replicas=0')
  await inProject('wait', '--for=delete', 'pod', '-l', 'app=screenshot-algo-worker', '--timeout=90s')
  const { id } = await order('http://screenshot-algo-frontend/')
  await inProject('delete', 'pod', 'redis-0', '--timeout=90s')
  await inProject('rollout', 'status', 'statefulset/redis', '--timeout=90s')
  await inProject('scale', 'deployment/screenshot-algo-worker', '--replicas=5')
  expect(await ended(id)).toMatchObject({ state: 'done' })
})

test('a disruption budget stops a drain before it evicts a second back end', async () => {
  const node = `${project}-control-plane`
  const drain = ['drain', node, '--pod-selector=app=screenshot-algo', '--ignore-daemonsets', '--timeout=10s']
  try {
    await expect(inProject(...drain)).rejects.toThrow(/disruption budget/)
    const ready = await inProject('get', 'deployment', 'screenshot-algo', '-o', 'jsonpath={.status.readyReplicas}')
    expect(Number(ready)).toBeGreaterThanOrEqual(2)
  } finally {
    await inProject('uncordon', node)
  }
})

test('the quota refuses a Service that would exceed it', async () => {
  const service = ['create', 'service', 'loadbalancer', 'extra', '--tcp=80']
  await expect(inProject(...service)).rejects.toThrow(/exceeded quota: screenshot-algo/)
})

test('a pod reaches Redis only with the labels of a worker', async () => {
  const image = await inProject('get', 'pod', 'redis-0', '-o', 'jsonpath={.spec.containers[0].image}')
  await inProject('run', 'stranger', `--image=${image}`, '--command', '--', 'sleep', '600')
  try {
    await inProject('wait', '--for=condition=Ready', 'pod/stranger', '--timeout=120s')
    const ping = () => inProject('exec', 'stranger', '--', 'timeout', '3', 'redis-cli', '-h', 'redis', 'ping')
    await expect(ping()).rejects.toThrow(/exit code/)
    await inProject('label', 'pod', 'stranger', 'app=screenshot-algo-worker')
    expect(await eventually('an answer of Redis', 30, () => ping().catch(() => undefined))).toBe('PONG')
  } finally {
    await inProject('delete', 'pod', 'stranger', '--now')
  }
})

interface Plan {
  readonly fit: { readonly fits: boolean }
  readonly rules: readonly { object: string; rule: string; field: string; from: string; to: string }[]
}

async function planOf(overlay: string): Promise<Plan> {
  const plan = JSON.parse((await shots.run(['plan', '--overlay', overlay, '--json'])).stdout)
  expect(plan).toMatchObject({ overlay, fit: { fits: true } })
  return plan
}

test('plan names the rules that make staging and production fit this machine, and none for dev', async () => {
  expect(JSON.parse((await shots.run(['plan', '--json'])).stdout).rules).toEqual([])
  const from = { staging: 'staging.screenshot-algo.example.com', production: 'screenshot-algo.example.com' }
  for (const [overlay, name] of Object.entries(from)) {
    const namespace = overlay === 'staging' ? 'screenshot-algo-staging' : 'screenshot-algo'
    const cpu = 'containers[worker].resources.requests.cpu'
    expect((await planOf(overlay)).rules).toEqual(
      expect.arrayContaining([
        {
          ...{ object: `Deployment ${namespace}/screenshot-algo-worker`, rule: 'scale.requests', field: cpu },
          ...{ from: '250m', to: '25m' },
        },
        {
          ...{ object: `Ingress ${namespace}/screenshot-algo`, rule: 'scale.hosts', field: 'spec.rules[0].host' },
          ...{ from: name, to: host },
        },
      ]),
    )
  }
})

test('up deploys the production overlay with its replicas, spread, budgets and quota, and it takes an order', async () => {
  const up = await shots.run(['up', '--yes', '--detach', '--overlay', 'production'])
  expect(up.exitCode, up.stderr).toBe(0)
  const facts = (path: string, kind: string) =>
    inProject('get', kind, '-o', `jsonpath={range .items[*]}${path}{"\\n"}{end}`)
  const spread = '{.spec.template.spec.topologySpreadConstraints[*].topologyKey}'
  expect(await facts(`{.metadata.name} {.status.readyReplicas} ${spread}`, 'deployments')).toBe(
    [
      'screenshot-algo 3 topology.kubernetes.io/zone',
      'screenshot-algo-frontend 3 topology.kubernetes.io/zone',
      'screenshot-algo-worker 5 topology.kubernetes.io/zone',
    ].join('\n'),
  )
  expect(await facts('{.spec.minAvailable}{.spec.maxUnavailable}', 'pdb')).toBe('2\n2\n2')
  expect(await facts('{.spec.hard.pods} {.spec.hard.requests\\.cpu}', 'quota')).toBe('50 12')
  const service = '{.spec.type}{.spec.ports[*].nodePort}'
  expect(await inProject('get', 'service', 'screenshot-algo-frontend', '-o', `jsonpath=${service}`)).toBe('ClusterIP')
  const body = JSON.stringify({ url: 'http://screenshot-algo-frontend/' })
  const ordered = await requestHost(webPort, { host, path: '/api/shots', body, type: 'application/json' })
  const { id } = JSON.parse(ordered.body) as Shot
  const shot = await eventually(`shot ${id} ends`, 60, async () => {
    const { state } = JSON.parse((await requestHost(webPort, { host, path: `/api/shots/${id}` })).body) as Shot
    return state === 'queued' ? undefined : state
  })
  expect(shot).toBe('done')
})

test('down removes everything of the project', async () => {
  const down = await shots.run(['down'])
  expect(down.exitCode).toBe(0)
  expect(await leftovers(project)).toEqual([])
})
