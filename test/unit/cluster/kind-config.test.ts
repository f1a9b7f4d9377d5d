import { expect, test } from 'vitest'
import { kindConfig, lateLabels, nodeNames } from '../../../src/cluster/kind-config.ts'
import { spec } from './support.ts'

const nodes = [
  { role: 'control-plane', labels: { a: 'b' }, taints: ['only:NoExecute'] },
  { role: 'control-plane', labels: {}, taints: [] },
  {
    role: 'worker',
    labels: { 'topology.kubernetes.io/zone': 'z', 'node-role.kubernetes.io/db': '', 'x.node.kubernetes.io/y': '1' },
    taints: ['k=v:NoSchedule'],
  },
  { role: 'worker', labels: { 'example.com/a': 'b' }, taints: [] },
] as const

test('nodes have labels, zones and taints, and the first one has the ports', () => {
  const config = JSON.parse(
    kindConfig(spec({ nodes, ports: [{ host: 8080, node: 80 }], podSubnet: '10.1.0.0/16' }), '/k'),
  )
  expect(config.networking).toEqual({ apiServerAddress: '127.0.0.1', podSubnet: '10.1.0.0/16' })
  expect(config.kubeadmConfigPatches.map(JSON.parse)).toEqual([
    { kind: 'KubeProxyConfiguration', iptables: { minSyncPeriod: '100ms' } },
  ])
  const [first, second, third, fourth] = config.nodes
  expect(first).toMatchObject({
    role: 'control-plane',
    image: 'node:1',
    labels: { a: 'b' },
    extraPortMappings: [{ containerPort: 80, hostPort: 8080, listenAddress: '127.0.0.1', protocol: 'TCP' }],
  })
  expect(first.kubeadmConfigPatches.map(JSON.parse)).toEqual([
    { kind: 'InitConfiguration', nodeRegistration: { taints: [{ key: 'only', effect: 'NoExecute' }] } },
    { kind: 'JoinConfiguration', nodeRegistration: { taints: [{ key: 'only', effect: 'NoExecute' }] } },
  ])
  expect(second).toEqual({ role: 'control-plane', image: 'node:1', labels: {} })
  expect(third.labels).toEqual({ 'topology.kubernetes.io/zone': 'z', 'x.node.kubernetes.io/y': '1' })
  expect(third.kubeadmConfigPatches.map(JSON.parse)).toEqual([
    { kind: 'JoinConfiguration', nodeRegistration: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } },
  ])
  expect(fourth.labels).toEqual({ 'example.com/a': 'b' })
})

test('nodes have the names of kind, and labels that a kubelet refuses are set later', () => {
  expect(nodeNames(spec({ nodes }))).toEqual([
    'todo-control-plane',
    'todo-control-plane2',
    'todo-worker',
    'todo-worker2',
  ])
  expect(lateLabels(spec({ nodes }))).toEqual({ 'todo-worker': { 'node-role.kubernetes.io/db': '' } })
})

test('a folder of this machine is mounted in every node', () => {
  const config = JSON.parse(kindConfig(spec({ nodes, mount: '/home/ada/data:/srv/data' }), '/k'))
  const mount = { hostPath: '/home/ada/data', containerPath: '/srv/data' }
  expect(config.nodes.map(({ extraMounts }: { extraMounts?: object[] }) => extraMounts)).toEqual([
    [mount],
    [mount],
    [mount],
    [mount],
  ])
})

test('the key of encrypted Secrets is mounted in each control plane, and only the API server gets to know its file', () => {
  const config = JSON.parse(kindConfig(spec({ nodes, encryptSecrets: true }), '/state/encryption'))
  const mount = { hostPath: '/state/encryption', containerPath: '/etc/kubernetes/devk', readOnly: true }
  const mounts = config.nodes.map(({ extraMounts }: { extraMounts?: object[] }) => extraMounts)
  expect(mounts).toEqual([[mount], [mount], undefined, undefined])
  const [map, list] = config.kubeadmConfigPatches.map(JSON.parse).slice(1)
  const file = '/etc/kubernetes/devk/encryption.yaml'
  expect([map.apiVersion, map.apiServer.extraArgs]).toEqual([
    'kubeadm.k8s.io/v1beta3',
    { 'encryption-provider-config': file },
  ])
  expect([list.apiVersion, list.apiServer.extraArgs]).toEqual([
    'kubeadm.k8s.io/v1beta4',
    [{ name: 'encryption-provider-config', value: file }],
  ])
  expect(JSON.stringify(config)).not.toContain('secretbox')
})
