import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { failure, folder, load, problems } from './support.ts'

const check = async (cluster: object) => {
  const root = folder({ 'platform.config.json': JSON.stringify({ name: 'shop', cluster }) })
  return problems(await failure(load(root)))
}

const existing = { provider: 'existing', context: 'shared' }

test.each([
  [{ provider: 'existing' }, ['cluster.context: is missing; set it to a context that devk can use']],
  [{ context: 'shared' }, ['cluster.context: applies to the provider "existing", not to "kind"']],
  [{ provider: 'minikube', registry: 'r' }, ['cluster.registry: applies to the provider "existing"']],
  [{ project: 'shop' }, ['cluster.project: applies to the provider "existing", not to "kind"']],
  [
    { provider: 'existing', project: 'shop', context: 'shared', namespace: 'ada' },
    [
      'cluster.context: cannot be used together with cluster.project ("shop")',
      'cluster.namespace: cannot be used together',
    ],
  ],
  [{ ...existing, startArgs: ['-v'] }, ['cluster.startArgs: applies to the provider "minikube"']],
  [{ ...existing, kubeconfig: 'gone' }, ['cluster.kubeconfig: refers to']],
  [{ ...existing, namespace: '{team}-{project}' }, ['cluster.namespace: results in "{team}-shop"']],
  [{ ...existing, namespace: `{project}${'x'.repeat(60)}` }, ['cluster.namespace: results in']],
  [{ ...existing, registry: 'https://r.example.com' }, ['cluster.registry: must look like']],
  [
    { provider: 'minikube', startArgs: ['--memory=6g', '--driver=none', '--listen-address=0.0.0.0', '--ports=1:1'] },
    [1, 2, 3].map((i) => `cluster.startArgs[${i}]: "--`),
  ],
  [
    { provider: 'minikube', startArgs: ['--memory', '--driver', 'none', '-d=none', '--mount-string=/:/x'] },
    [1, 2, 3, 4].map((i) => `cluster.startArgs[${i}]: "`),
  ],
  [{ provider: 'minikube', controlPlanes: 2 }, ['cluster.controlPlanes: must be 1 or 3 with Minikube, got 2']],
  [
    { provider: 'minikube', workers: 1, ports: [8080] },
    ['cluster.ports: cannot be mapped on more than one node of Minikube'],
  ],
  [{ provider: 'minikube', cni: './pods.yaml' }, ['cluster.cni: is neither a file nor a pod network of Minikube']],
  [{ provider: 'minikube', mount: '.:/data' }, ['cluster.mount: uses /data, where Minikube mounts its own folder']],
  [
    { provider: 'minikube', cni: 'bridge', workers: 1 },
    ['cluster.cni: cannot be bridge on a cluster with more than one node'],
  ],
  [{ provider: 'minikube', kubeadmPatches: ['a'] }, ['cluster.kubeadmPatches: is not supported with Minikube']],
  [{ provider: 'minikube', encryptSecrets: true }, ['cluster.encryptSecrets: is not supported with Minikube']],
  [{ ...existing, encryptSecrets: true }, ['cluster.encryptSecrets: applies only to clusters that devk creates']],
  [
    { encryptSecrets: true, kubeadmPatches: ['kind: ClusterConfiguration\napiServer: {}'] },
    ['cluster.encryptSecrets: cannot be used together with a patch of apiServer'],
  ],
  [{ mount: 'gone:/srv' }, ['cluster.mount: refers to']],
  [{ ...existing, mount: '.:/srv' }, ['cluster.mount: applies only to clusters that devk creates']],
  [{ ...existing, nodeSize: { cpu: 2 } }, ['cluster.nodeSize: applies only to clusters that devk creates']],
  [{ nodeSize: { memory: '4g' } }, ['cluster.nodeSize.memory: must look like 4Gi or 1536Mi']],
  [{ provider: 'minikube', kubernetesVersion: '1.34' }, ['cluster.kubernetesVersion: must look like v1.34.4']],
])('the problems of cluster: %o are found', async (cluster, expected) => {
  const found = await check(cluster)
  expect(found).toHaveLength(expected.length)
  for (const [i, start] of expected.entries()) expect(found[i]).toContain(start)
})

test('cluster.cni is a network of Minikube, or else a file relative to the configuration', async () => {
  const cniOf = async (cni: string) => {
    const root = folder({
      'pods.yaml': '',
      'platform.config.json': JSON.stringify({ name: 'shop', cluster: { provider: 'minikube', cni } }),
    })
    return [(await load(root)).cluster.cni, root]
  }
  expect((await cniOf('calico'))[0]).toBe('calico')
  const [file, root] = await cniOf('pods.yaml')
  expect(file).toBe(`${root}/pods.yaml`)
})

test("on an existing cluster the project name has the developer's name, and no port of this machine is used", async () => {
  const service = { build: { context: '.' }, url: 'http://localhost:30080' }
  const root = folder({
    Dockerfile: '',
    'platform.config.json': JSON.stringify({
      name: 'shop',
      cluster: { ports: [30080] },
      services: { web: service, api: { ...service, url: 'https://api.example.com' } },
      profiles: { team: { cluster: existing } },
    }),
  })
  const own = await load(root)
  expect([own.name, own.cluster.namespace, own.services.web?.url]).toEqual([
    'shop',
    undefined,
    'http://localhost:30080',
  ])
  const team = await loadConfig({ cwd: root, agree: async () => {}, env: { USER: 'Ada.Lovelace' }, profile: 'team' })
  expect([team.name, team.cluster.namespace]).toEqual(['ada-lovelace-shop', 'ada-lovelace-shop'])
  expect([team.services.web?.url, team.services.api?.url]).toEqual([undefined, 'https://api.example.com'])
})

test('in the cluster of another project the names stay, and no port of this machine is used', async () => {
  const root = folder({
    'platform.config.json': JSON.stringify({
      name: 'shop',
      cluster: { ports: [30080] },
      profiles: { staging: { name: 'shop-staging', cluster: { provider: 'existing', project: 'shop' } } },
    }),
  })
  const { name, cluster } = await loadConfig({
    cwd: root,
    agree: async () => {},
    env: { USER: 'ada' },
    profile: 'staging',
  })
  expect(name).toBe('shop-staging')
  expect(cluster).toMatchObject({ name: 'shop-staging', project: 'shop', ports: [] })
  expect(cluster.namespace).toBeUndefined()
})
