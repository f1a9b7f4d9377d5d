import { expect, test } from 'vitest'
import { limitNodes } from '../../../src/cluster/node-limits.ts'
import { requireSizes, withReservation } from '../../../src/cluster/node-size.ts'
import type { NodeSpec } from '../../../src/cluster/provider.ts'
import { clusterSpec } from '../../../src/cluster/spec.ts'
import { parseConfig } from '../../../src/config/parse.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { container, fakeEngine, signal, spec } from './support.ts'

const Gi = 1024 ** 3
const machine = { cpu: 8000, memory: 16 * Gi }
const written = `apiVersion: kubelet.config.k8s.io/v1beta1
cgroupRoot: /kubelet
evictionHard:
  imagefs.available: 0%
  nodefs.available: 0%
evictionPressureTransitionPeriod: 0s
kind: KubeletConfiguration
`

test('each node has its own size or the common one', () => {
  const { config } = parseConfig({
    name: 'todo',
    cluster: { nodeSize: { cpu: 2, memory: '4Gi' }, workers: [{}, { size: { cpu: 0.5, memory: '512Mi' } }] },
  })
  if (config === undefined) throw new Error('refused')
  const { nodes } = clusterSpec(resolveConfig(config, '/p/platform.config.ts', '/p'), 'default:1')
  const all = { cpu: 2000, memory: 4 * Gi }
  expect(nodes.map(({ size }) => size)).toEqual([all, all, { cpu: 500, memory: Gi / 2 }])
})

test('resources beyond the size are reserved, and earlier kubelet settings stay', () => {
  const text = withReservation(written, { cpu: 1500, memory: 4 * Gi }, machine)
  expect(text).toBe(`apiVersion: kubelet.config.k8s.io/v1beta1
cgroupRoot: /kubelet
evictionPressureTransitionPeriod: 0s
kind: KubeletConfiguration
evictionHard:
  imagefs.available: 0%
  nodefs.available: 0%
  memory.available: "100Mi"
systemReserved:
  cpu: "6500m"
  memory: "${12 * Gi - 100 * 1024 ** 2}"
`)
  expect(withReservation(text, { cpu: 1500, memory: 4 * Gi }, machine)).toBe(text)
  expect(withReservation('kind: K\n', { cpu: 8000 }, machine)).toBe('kind: K\nsystemReserved:\n  cpu: "0"\n')
})

test('nodes larger than the machine and control planes that are too small are refused with the limits', () => {
  const nodes = (...sizes: NodeSpec['size'][]): NodeSpec[] =>
    sizes.map((size, i) => ({
      ...spec().nodes[0],
      role: i === 0 ? 'control-plane' : 'worker',
      labels: {},
      taints: [],
      ...(size && { size }),
    }))
  expect(() => requireSizes(spec({ nodes: nodes({ cpu: 2000, memory: 2 * Gi }, { cpu: 500 }) }), machine)).not.toThrow()
  const bad = spec({ nodes: nodes({ cpu: 500 }, { cpu: 9000, memory: 16 * Gi }, undefined) })
  expect(() => requireSizes(bad, machine)).toThrow(
    expect.objectContaining({
      code: 'HOST_UNFIT',
      details: [
        'control-plane 1 (0.5 CPU) is too small: a control plane needs 1 CPU, 1536Mi',
        'worker 2 (9 CPU, 16Gi) is larger than the machine: a node has room for 8 CPU, 16284Mi',
        'Nothing was changed.',
      ],
    }),
  )
})

test('only nodes with a size are limited, and the kubelet is restarted once and its values are checked', async () => {
  const files = new Map([['todo-worker', written]])
  let reserved = false
  const { engine, log } = fakeEngine([container('todo-control-plane'), container('todo-worker')], () =>
    JSON.stringify({
      items: [
        { metadata: { name: 'todo-control-plane' }, status: {} },
        {
          metadata: { name: 'todo-worker' },
          status: {
            capacity: { cpu: '8', memory: `${17 * Gi}`, 'hugepages-2Mi': '1Gi' },
            allocatable: { cpu: reserved ? '1' : '8', memory: reserved ? '2Gi' : '16Gi' },
          },
        },
      ],
    }),
  )
  const kubectl = engine.exec.run
  const exec: typeof engine.exec = {
    ...engine.exec,
    async run(node, argv, options, ...rest) {
      if (argv[0] === 'kubectl') return kubectl(node, argv, options, ...rest)
      log.push(`${node}: ${argv.join(' ')}`)
      if (argv[0] === 'tee') files.set(node, String(options.stdin))
      if (argv[0] === 'systemctl') reserved = true
      return { exitCode: 0, stdout: argv[0] === 'cat' ? (files.get(node) ?? '') : '', stderr: '' }
    },
  }
  const nodes: NodeSpec[] = [
    { role: 'control-plane', labels: {}, taints: [] },
    { role: 'worker', labels: {}, taints: [], size: { cpu: 1000, memory: 2 * Gi } },
  ]
  const names = ['todo-control-plane', 'todo-worker']
  const limit = () => limitNodes({ ...engine, exec }, nodes, names, { timeoutMs: 5000, signal })
  await limit()
  const file = '/var/lib/kubelet/config.yaml'
  const first = [`todo-worker: cat ${file}`, `todo-worker: tee ${file}`, 'todo-worker: systemctl restart kubelet']
  const limited = `limit todo-worker 1000 ${2.5 * Gi}`
  expect(log).toEqual([...first, limited])
  expect(files.get('todo-worker')).toContain(`memory: "${14 * Gi - 100 * 1024 ** 2}"`)
  await limit()
  expect(log.slice(4)).toEqual([`todo-worker: cat ${file}`, limited])
})
