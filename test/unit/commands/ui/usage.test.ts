import { expect, test } from 'vitest'
import { usageFeed } from '../../../../src/commands/ui/usage.ts'
import { DevkError } from '../../../../src/errors.ts'
import type { Kube, KubeObject } from '../../../../src/kube/api.ts'
import { labels } from '../../../../src/lib/keys.ts'
import type { OpenProject } from '../../../../src/project/open.ts'

const { signal } = new AbortController()
const start = Date.parse('2026-11-29T12:00:00Z')
const resources = { requests: { cpu: '100m', memory: '1Mi' }, limits: { cpu: '200m', memory: '2Mi' } }
const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'backend-1', namespace: 'todo', labels: { [labels.service]: 'backend' } },
  spec: { containers: [{ name: 'app', resources }] },
  status: { phase: 'Running' },
}
const node = (name: string, ready = 'True'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: ready }] },
})
const usage = { cpu: '7m', memory: '1Ki' }
const podMetrics = (value = usage): KubeObject => ({
  apiVersion: 'metrics.k8s.io/v1beta1',
  kind: 'PodMetrics',
  metadata: { name: 'backend-1', namespace: 'todo' },
  containers: [{ usage: value }],
})
const nodeMetrics: KubeObject = {
  apiVersion: 'metrics.k8s.io/v1beta1',
  kind: 'NodeMetrics',
  metadata: { name: 'a' },
  usage,
}

/** A stack with one pod, and whatever measures it. */
function stack(measured: Kube['measured'], objects: readonly KubeObject[] = [], refusal?: DevkError) {
  const asked: string[] = []
  let lists = 0
  let now = start
  const kube = {
    async list({ kind }: { kind: string }) {
      lists += 1
      if (refusal !== undefined && kind.endsWith('Metrics')) throw refusal
      return [pod, node('a'), node('gone', 'Unknown'), ...objects].filter((each) => each.kind === kind)
    },
    measured(name: string, signal: AbortSignal) {
      asked.push(name)
      return measured(name, signal)
    },
  }
  const record = { name: 'todo', services: [{ name: 'backend' }], presets: [], externals: [] }
  const project = { kube, record } as unknown as OpenProject
  const feed = usageFeed(() => now, 20)
  const read = (later = 0) => {
    now += later
    return feed.read(project, signal)
  }
  const samples = () => feed.samples.after(0, 1000).items.map(({ item }) => item)
  return { read, samples, asked, lists: () => lists }
}

const whole = {
  kind: 'service',
  name: 'backend',
  requested: { cpu: 100, memory: 2 ** 20 },
  limits: { cpu: 200, memory: 2 ** 21 },
}

test('without metrics-server the kubelets of ready nodes measure', async () => {
  const { read, samples, asked } = stack(async () => [podMetrics(), nodeMetrics])
  expect((await read()).uses).toMatchObject([{ ...whole, used: { cpu: 7, memory: 1024 } }])
  expect(asked).toEqual(['a'])
  expect(samples()).toEqual([
    { time: '2026-11-29T12:00:00.000Z', uses: [{ kind: 'service', name: 'backend', cpu: 7, memory: 1024 }] },
  ])
})

test('with metrics-server no kubelet is asked', async () => {
  const { read, asked } = stack(async () => [], [podMetrics(), nodeMetrics])
  expect((await read()).uses[0]?.used).toEqual({ cpu: 7, memory: 1024 })
  expect(asked).toEqual([])
})

test.each<[string, Kube['measured']]>([
  ['refuses', async () => []],
  ['fails', () => Promise.reject(new DevkError('KUBE_API', 'EOF'))],
  ['does not answer', () => new Promise(() => {})],
])('a kubelet that %s holds nothing up: what is requested is known without it', async (_how, measured) => {
  const { read, samples } = stack(measured)
  expect((await read()).uses).toMatchObject([{ ...whole, used: null }])
  expect(samples()).toEqual([])
})

test('a user who may not read the metrics API sees what is requested', async () => {
  const forbidden = new DevkError('KUBE_API', 'forbidden', { cause: { kind: 'Status', code: 403 } })
  const { read, asked } = stack(async () => [], [], forbidden)
  expect((await read()).uses).toMatchObject([{ ...whole, used: null }])
  expect(asked).toEqual(['a'])
})

test('what changes fast is measured every ten seconds only, and kept for 15 minutes', async () => {
  const { read, samples, lists } = stack(async () => [podMetrics(), nodeMetrics])
  const first = await read()
  const before = lists()
  expect(await read(9_999)).toBe(first)
  expect([lists(), samples().length]).toEqual([before, 1])
  for (let index = 0; index < 100; index++) await read(10_000)
  expect(samples()).toHaveLength(90)
})
