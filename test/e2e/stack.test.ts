/** Deploying a stack of objects, from the first time to its removal. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/api.ts'
import { connectKube } from '../../src/kube/client/client.ts'
import { debian as image } from './support/pods/pods.ts'
import { configMap, deployment, namespace, shopOn } from './support/shop.ts'
import { createTestCluster, type TestCluster } from './support/test-cluster.ts'

type Shop = ReturnType<typeof shopOn>

const signal = AbortSignal.timeout(3_000_000)
let cluster: TestCluster
let up: Shop['up']
let down: Shop['down']

beforeAll(async () => {
  cluster = await createTestCluster('devk-e2e-stack')
  await cluster.loadImage(image)
  const { kube, streams } = await connectKube(cluster.kubeconfig, cluster.context)
  ;({ up, down } = shopOn(kube, streams, signal))
})
afterAll(() => cluster?.delete())

// A program without a handler of SIGTERM would be killed after 30 seconds only.
const listen =
  '$SIG{TERM}=sub{exit};$s=IO::Socket::INET->new(LocalPort=>5432,Listen=>5,ReuseAddr=>1);while($s->accept){}'
const project = {
  services: { web: { dependsOn: ['db', 'seed'] } },
  externals: { db: { image, port: 5432, volume: '/data', command: ['perl', '-MIO::Socket::INET', '-e', listen] } },
  jobs: { seed: { image, command: ['true'] } },
  secrets: { s: { fromEnvFile: '.env', keys: ['PASSWORD'] } },
}
const password = { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 's', key: 'PASSWORD' } } }
const web = deployment('web', { image: 'web:1', env: [password] })
/** Kubernetes copies the labels of a Service to its Endpoints; pruning must not delete those Endpoints. */
const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
}
const endpoints: KubeObject = {
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'outside', namespace: 'shop' },
  subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }],
}

test('a project is deployed, left alone, updated, pruned, refused for a typo, and removed', async () => {
  const first = await up([namespace, web, service, endpoints, configMap('old')], project)
  expect(first.changed).toBe(true)
  const ready = first.events.flatMap((event) => (event.type === 'ready' ? [event.unit] : []))
  expect(ready.at(-1)).toBe('web')
  expect(ready.toSorted()).toEqual(['db', 'seed', 'web'])

  const before = await cluster.kubectl(
    'get',
    'all,secrets,configmaps',
    '-A',
    '-o',
    'name',
    '--show-managed-fields=false',
  )
  const second = await up([namespace, web, service, endpoints, configMap('old')], project)
  expect(second).toEqual({ plan: [], changed: false, events: [] })
  expect(await cluster.kubectl('get', 'all,secrets,configmaps', '-A', '-o', 'name')).toBe(before)

  const rolled = await up([namespace, web, service, endpoints, configMap('old')], project, { password: 'b' })
  expect(rolled.plan).toEqual(['update Secret shop/s', 'update Deployment shop/web'])
  const seen = await cluster.kubectl('-n', 'shop', 'exec', 'deploy/web', '--', 'printenv', 'PASSWORD')
  expect(seen.trim()).toBe('b')

  await cluster.kubectl('-n', 'shop', 'create', 'configmap', 'foreign')
  const pruned = await up([namespace, web, service], project, { password: 'b' })
  expect(pruned.plan.toSorted()).toEqual(['delete ConfigMap shop/old', 'delete Endpoints shop/outside'])
  const left = await cluster.kubectl('-n', 'shop', 'get', 'configmaps,endpoints', '-o', 'name')
  expect(left.split('\n').filter((name) => /foreign|web|old|outside/.test(name))).toEqual([
    'configmap/foreign',
    'endpoints/web',
  ])

  const typo = up([namespace, deployment('web', { image: 'web:1', imagePulPolicy: 'Always' }), service], project, {
    password: 'c',
  })
  await expect(typo).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    details: [
      expect.stringMatching(/^k8s\/app\.yaml:2: Deployment shop\/web: .*imagePulPolicy: field not declared in schema$/),
    ],
  })
  expect(await cluster.kubectl('-n', 'shop', 'get', 'secret', 's', '-o', 'jsonpath={.data.PASSWORD}')).toBe('Yg==')

  const kept = (lines: readonly string[]) => lines.filter((line) => line.startsWith('keep'))
  expect(kept(await down(false))).toEqual([
    'keep PersistentVolumeClaim shop-externals/data-db-0 (it contains data)',
    'keep Namespace shop-externals (it contains the volume claim data-db-0)',
    'keep Namespace shop (it contains ConfigMap shop/foreign, which devk did not create)',
  ])
  await cluster.kubectl('-n', 'shop', 'delete', 'configmap', 'foreign')
  expect(kept(await down(true))).toEqual([])
  expect(await down(true)).toEqual([])
  const namespaces = await cluster.kubectl('get', 'namespaces', '-o', 'name')
  expect(namespaces).not.toMatch(/shop|devk/)
})

test('deploying over a foreign object fails and changes nothing', async () => {
  await cluster.apply(namespace, { ...configMap('taken'), data: { owner: 'someone' } })
  const state = () => cluster.kubectl('-n', 'shop', 'get', 'configmap,deployment', '-o', 'json')
  const before = await state()
  await expect(
    up([web, configMap('taken')], { ...project, jobs: {}, externals: {}, services: {} }),
  ).rejects.toMatchObject({
    code: 'OBJECT_FOREIGN',
    details: ['ConfigMap shop/taken was not created by devk', 'Nothing was changed.'],
  })
  expect(await state()).toBe(before)
  expect(await cluster.kubectl('get', 'namespaces', '-o', 'name')).not.toContain('devk-system')
  await cluster.kubectl('delete', 'namespace', 'shop')
})

test('fields that the server does not let change: replaced without a loss of data, or refused with the way', async () => {
  const set = (labels: object, storage: string): KubeObject => {
    const object = deployment('store', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })
    const spec = object.spec as { template: { metadata: object } }
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } }
    const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: claim }]
    const template = { ...spec.template, metadata: { labels } }
    const more = { selector: { matchLabels: labels }, serviceName: 'store', template, volumeClaimTemplates }
    return { ...object, kind: 'StatefulSet', spec: { ...spec, ...more } }
  }
  const secret = (type: string): KubeObject => ({
    ...configMap('typed'),
    kind: 'Secret',
    type,
    data: { username: 'YQ==', password: 'YQ==' },
  })
  const port = (name: string, nodePort: number): KubeObject => ({
    ...service,
    metadata: { name, namespace: 'shop' },
    spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, nodePort }] },
  })
  const claim = (accessMode: string): KubeObject => ({
    ...configMap('kept'),
    kind: 'PersistentVolumeClaim',
    spec: { accessModes: [accessMode], resources: { requests: { storage: '1Mi' } } },
  })
  const plain = { externals: {}, services: {} }
  const before = [port('a', 30401), port('b', 30402), secret('Opaque'), claim('ReadWriteOnce')]
  await up([namespace, ...before, set({ app: 'store' }, '1Mi')], plain)
  const exec = (...command: string[]) => cluster.kubectl('-n', 'shop', 'exec', 'store-0', '--', ...command)
  await exec('sh', '-c', 'echo kept > /data/f')
  const after = [port('a', 30402), port('b', 30401), secret('kubernetes.io/basic-auth')]
  const refused = up([namespace, ...after, claim('ReadWriteOncePod'), set({ app: 'store' }, '1Mi')], plain)
  await expect(refused).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    details: expect.arrayContaining([expect.stringContaining('kubectl delete persistentvolumeclaim kept -n shop')]),
  })
  const second = await up(
    [namespace, ...after, claim('ReadWriteOnce'), set({ app: 'store', tier: 'data' }, '2Mi')],
    plain,
  )
  expect(second.plan.map((line) => line.replace(/ \(.*/, '')).toSorted()).toEqual([
    'replace Secret shop/typed',
    'replace StatefulSet shop/store',
    'update Service shop/a',
    'update Service shop/b',
  ])
  expect(await exec('cat', '/data/f')).toBe('kept')
  expect(await cluster.kubectl('-n', 'shop', 'get', 'service', 'a', '-o', 'jsonpath={.spec.ports[0].nodePort}')).toBe(
    '30402',
  )
  await down(true)
})

test('each workload that cannot start has its reason in the error', async () => {
  const probe = { readinessProbe: { tcpSocket: { port: 8000 }, periodSeconds: 1 } }
  const quota: KubeObject = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'small', namespace: 'full' },
    spec: { hard: { pods: '0' } },
  }
  const refused = deployment('refused', {})
  const error = await up(
    [
      namespace,
      quota,
      { ...refused, metadata: { ...refused.metadata, namespace: 'full' } },
      deployment('image', { image: '127.0.0.1:9/none:1' }),
      deployment('crash', { command: ['bash', '-c', 'echo "ValueError: no database" >&2; exit 3'] }),
      deployment('probe', probe),
      deployment('secret', { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'NONE' } } }] }),
      deployment('cpu', { resources: { requests: { cpu: '900' } } }),
    ],
    { secrets: project.secrets },
    { timeoutMs: 40_000 },
  ).catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'NOT_READY', exitCode: 3 })
  const reasons = Object.fromEntries(
    error.details.map((line: string) => {
      const [, name, reason] = /^Deployment \w+\/(\w+): (.*)$/.exec(line) ?? []
      return [name, reason?.replace(/^\d\/1 pods \w+; (\w+-\w+-\w+ )?/, '')]
    }),
  )
  expect(reasons).toEqual({
    refused: 'exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0',
    image: expect.stringContaining('image 127.0.0.1:9/none:1 cannot be pulled: '),
    crash: 'exited with code 3: ValueError: no database',
    probe: 'readiness on port 8000 fails: connection refused',
    secret: "cannot be started: couldn't find key NONE in Secret shop/s",
    cpu: 'cannot be scheduled: 0/1 nodes are available: 1 Insufficient cpu',
  })
  await down(true)
})
