import { expect, onTestFinished, test } from 'vitest'
import { metricsIn } from '../../../../src/kube/client/kubelet.ts'
import { apiServer, json, status } from '../http-server.ts'

const { signal } = new AbortController()
const used = (usageNanoCores: number, workingSetBytes: number) => ({
  cpu: { time: '2026-11-29T12:00:00Z', usageNanoCores },
  memory: { workingSetBytes },
})
const summary = {
  node: { nodeName: 'worker', ...used(700_000_000, 3000) },
  pods: [
    { podRef: { name: 'a', namespace: 'todo' }, containers: [{ name: 'app', ...used(5_000_000, 100) }, used(1, 2)] },
    // A container that has just started has no average yet.
    {
      podRef: { name: 'new', namespace: 'todo' },
      containers: [{ name: 'app', cpu: {}, memory: { workingSetBytes: 1 } }],
    },
    { podRef: { name: 'none', namespace: 'todo' } },
  ],
}
const apiVersion = 'metrics.k8s.io/v1beta1'

async function serving(routes: Parameters<typeof apiServer>[0]) {
  const server = await apiServer(routes)
  onTestFinished(() => server.close())
  return server
}

test('what a kubelet measures has the form of the metrics API', async () => {
  const { kube, calls } = await serving({ 'GET /api/v1/nodes/worker/proxy/stats/summary': json(200, summary) })
  expect(await kube.measured('worker', signal)).toEqual([
    { apiVersion, kind: 'NodeMetrics', metadata: { name: 'worker' }, usage: { cpu: '700000000n', memory: '3000' } },
    {
      apiVersion,
      kind: 'PodMetrics',
      metadata: { name: 'a', namespace: 'todo' },
      containers: [{ usage: { cpu: '5000000n', memory: '100' } }, { usage: { cpu: '1n', memory: '2' } }],
    },
  ])
  expect(calls.at(-1)).toBe('GET /api/v1/nodes/worker/proxy/stats/summary?only_cpu_and_memory=true')
})

test.each([403, 404, 500, 503])(
  'a kubelet that may not be asked, or does not answer, measures nothing: %i',
  async (code) => {
    const { kube } = await serving({ 'GET /api/v1/nodes/worker/proxy/stats/summary': status(code, { message: 'no' }) })
    expect(await kube.measured('worker', signal)).toEqual([])
  },
)

test.each([[undefined], ['text'], [[]], [{ pods: 7, node: [] }], [{ pods: [null, { podRef: { name: 1 } }] }]])(
  'another answer measures nothing: %j',
  (answer) => {
    expect(metricsIn(answer, 'worker')).toEqual([])
  },
)
