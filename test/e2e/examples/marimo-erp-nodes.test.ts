/**
 * Marimo ERP on the eight nodes of its design record.
 * @module-tag slow-images
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { docker } from '../../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { requestHost } from '../support/http.ts'
import { leftovers } from '../support/leftovers.ts'
import type { ExampleProject } from '../support/projects/example-project.ts'
import { ada, copyMarimoErp, host, namespace } from '../support/projects/marimo-erp.ts'

const project = 'marimo-ha'
const webPort = 31382
const names = 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'

let marimo: ExampleProject

beforeAll(async () => {
  marimo = await copyMarimoErp(project, { web: webPort, gateway: 18082 })
})

afterAll(() => marimo?.dispose())

test('up deploys all services on three control planes and five workers', async () => {
  const up = await marimo.run(['up', '--yes', '--detach', '--timeout', '20m', '--profile', 'production'])
  expect(up.exitCode, up.stderr).toBe(0)
  const status = JSON.parse((await marimo.run(['status', '--json'])).stdout)
  const nodes = status.cluster.nodes as { role: string; ready: boolean }[]
  const roles = Map.groupBy(
    nodes.filter(({ ready }) => ready),
    ({ role }) => role,
  )
  expect([roles.get('control-plane')?.length, roles.get('worker')?.length]).toEqual([3, 5])
  expect(status.services.map(({ state }: { state: string }) => state)).toEqual(Array(9).fill('ready'))
  const etcd = await marimo.kubectl('get', 'pods', '-n', 'kube-system', '-l', 'component=etcd', '-o', names)
  expect(etcd.split('\n')).toHaveLength(3)
}, 3_600_000)

test('the pods run on the workers, and those of the gateway on more than one', async () => {
  const nodes = async (...which: string[]) => {
    const column = 'jsonpath={range .items[*]}{.spec.nodeName}{"\\n"}{end}'
    return new Set((await marimo.kubectl('get', 'pods', '-n', namespace, ...which, '-o', column)).split('\n'))
  }
  expect([...(await nodes())].filter((node) => !node.startsWith(`${project}-worker`))).toEqual([])
  expect((await nodes('-l', 'app=api-gateway')).size).toBeGreaterThan(1)
})

test('a registration through the ingress reaches the database on another node', async () => {
  const body = JSON.stringify(ada)
  await eventually('a registration', 60, async () => {
    const { status } = await requestHost(webPort, { host, path: '/api/auth/register', body })
    return status === 201 || status === 409 || undefined
  })
  const login = await requestHost(webPort, { host, path: '/api/auth/login', body })
  expect(login.status, login.body).toBe(200)
})

test('the cluster and the gateway answer while one control plane is paused', async () => {
  const plane = `${project}-control-plane3`
  await docker('pause', plane)
  try {
    // The kubeconfig of kubeadm names the load balancer, so this does not need the paused node.
    await eventually('a write', 120, async () => {
      await marimo.kubectl(
        'annotate',
        'namespace',
        namespace,
        `test/at=${Date.now()}`,
        '--overwrite',
        '--request-timeout=10s',
      )
      return true
    })
    const { status } = await requestHost(webPort, { host, path: '/api/auth/login', body: JSON.stringify(ada) })
    expect(status).toBe(200)
  } finally {
    await docker('unpause', plane)
  }
})

test('down removes all nine containers', async () => {
  expect((await marimo.run(['down'])).exitCode).toBe(0)
  expect(await leftovers(project)).toEqual([])
})
