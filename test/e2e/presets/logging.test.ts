/**
 * The preset logging beside all others, in the Todo example.
 * @module-tag slow-images
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectDataInEveryPanel, todoDashboards } from '../support/dashboards.ts'
import { eventually } from '../support/eventually.ts'
import { keptLogs } from '../support/mcp-telemetry.ts'
import { type Monitoring, monitoringOf } from '../support/monitoring.ts'
import type { ExampleProject } from '../support/projects/example-project.ts'
import { copyMonitoredTodo } from '../support/projects/todo.ts'
import { proveSentLogs } from '../support/sent-telemetry.ts'

const project = 'logging-e2e'
const port = 30083
const frontendUrl = `http://localhost:${port}`

let todo: ExampleProject
let monitoring: Monitoring

beforeAll(async () => {
  todo = await copyMonitoredTodo(project, { frontend: port, web: 31280, backend: 18003 }, 'full')
  monitoring = monitoringOf(`${project}-control-plane`)
  const up = await todo.run(['up', '--yes', '--detach', '--profile', 'platform', '--timeout', '20m'])
  expect(up.exitCode, up.stderr).toBe(0)
})
afterAll(() => todo?.dispose())

test('all presets together request and use at most 1.5 GiB of memory', async () => {
  type Pod = { metadata: { name: string }; spec: { containers: { resources: { requests: { memory: string } } }[] } }
  type Usage = { metadata: { name: string }; containers: { usage: { memory: string } }[] }
  const ofPresets = async <T extends Pod | Usage>(api: string): Promise<T[]> => {
    const all = ['monitoring', 'ingress-nginx', 'kube-system'].map(async (namespace) => {
      const { items } = await monitoring.read<{ items: T[] }>(`${api}/namespaces/${namespace}/pods`)
      const isPreset = ({ metadata: { name } }: T) => /^(traefik|metrics-server)-/.test(name)
      return items.filter((one) => namespace === 'monitoring' || isPreset(one))
    })
    return (await Promise.all(all)).flat()
  }
  const pods = await ofPresets<Pod>('/api/v1')
  expect(pods.length).toBeGreaterThanOrEqual(10)
  expect(
    sum(pods.flatMap(({ spec }) => spec.containers.map((one) => one.resources.requests.memory))),
  ).toBeLessThanOrEqual(1536)
  // metrics-server has values of a pod once it has scraped its node twice.
  const usage = await eventually('values of most pods', 120, async () => {
    const measured = await ofPresets<Usage>('/apis/metrics.k8s.io/v1beta1')
    return measured.length >= 9 ? measured : undefined
  })
  expect(sum(usage.flatMap(({ containers }) => containers.map((one) => one.usage.memory)))).toBeLessThanOrEqual(1536)
})

test('a log line of a pod is found with its labels and the ID of its trace', async () => {
  await eventually('an answer', 60, async () => ((await fetch(`${frontendUrl}/api/todos`)).ok ? true : undefined))
  const traceId = await eventually('a trace', 60, async () => {
    const traces = await monitoring.traces('backend')
    return traces.find(({ spans }) => spans.some((span) => span.operationName === 'GET /api/todos'))?.traceID
  })
  const lines = await linesOf(`{service.name="backend"} trace_id:="${traceId}"`)
  expect(lines[0]).toMatchObject({
    'service.name': 'backend',
    'k8s.namespace.name': 'todo',
    'k8s.container.name': 'backend',
    'k8s.pod.name': expect.stringMatching(/^todo-backend-/),
    trace_id: traceId,
    _msg: expect.stringContaining('GET /api/todos'),
  })
})

test('a line that a program sends with OpenTelemetry is found, also by a coding agent', async () => {
  await proveSentLogs(todo, monitoring)
  const lines = await keptLogs(todo, '{service.name="backend"} "an order was sent"')
  expect(lines.at(-1)).toMatchObject({ text: 'an order was sent', fields: { kind: 'book' } })
})

test('a new pod of the collector continues where the last one stopped', async () => {
  await linesOf('{service.name="backend"}')
  await todo.kubectl('delete', 'pod', '-n', 'monitoring', '-l', 'app.kubernetes.io/name=log-collector')
  await todo.kubectl('rollout', 'status', '-n', 'monitoring', 'daemonset/log-collector', '--timeout=120s')
  const restarted = new Date().toISOString()
  await fetch(`${frontendUrl}/api/todos`)
  await linesOf(`{service.name="backend"} _time:>=${restarted}`)
  expect(await monitoring.logs('* | stats by (_stream, _time, _msg) count() as times | filter times:>1')).toEqual([])
})

test.each(todoDashboards(project, ['jaeger', 'logging']))(
  'every query of every panel of %s finds data',
  (_file, dashboard) => expectDataInEveryPanel(dashboard, monitoring, `${frontendUrl}/api/todos`),
)

/** The lines that a query finds, as soon as there are any. */
function linesOf(query: string): ReturnType<Monitoring['logs']> {
  return eventually('log lines', 120, async () => {
    const lines = await monitoring.logs(query)
    return lines.length > 0 ? lines : undefined
  })
}

/** The sum of memory quantities of Kubernetes, in MiB. Throws on a unit other than Ki, Mi and Gi. */
function sum(quantities: readonly string[]): number {
  return quantities.reduce((total, quantity) => {
    const [, digits = '', unit = ''] = /^(\d+)(Ki|Mi|Gi)$/.exec(quantity) ?? []
    const factor = { Ki: 1 / 1024, Mi: 1, Gi: 1024 }[unit]
    if (factor === undefined) throw new Error(`unknown quantity ${quantity}`)
    return total + Number(digits) * factor
  }, 0)
}
