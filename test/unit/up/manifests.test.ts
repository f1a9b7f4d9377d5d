import { realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Runner } from '../../../src/exec/runner.ts'
import type { Kube } from '../../../src/kube/api.ts'
import { manifestsOf } from '../../../src/up/manifests.ts'
import { fakeKube } from '../../fakes/kube.ts'
import { failure, folder } from '../config/support.ts'
import { configOf } from '../stack/support.ts'

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'servicemonitors.monitoring.coreos.com' },
  spec: {
    group: 'monitoring.coreos.com',
    names: { kind: 'ServiceMonitor' },
    versions: [{ name: 'v1', served: true }],
  },
}
const presets = async () => new Map([['prometheus', [{ object: definition, origin: { file: 'crd.yaml', line: 1 } }]]])

/** The arguments that helm gets for a chart. */
async function helmArgs(kube: Kube | undefined, cluster: object = {}): Promise<readonly string[]> {
  let seen: readonly string[] = []
  const runner = {
    run: async (_command, args) => {
      seen = args
      return { exitCode: 0, stdout: '', stderr: '' }
    },
  } as Runner
  const config = configOf({ cluster, deploy: { helm: [{ name: 'web', chart: 'chart' }] } })
  const context = { runner, env: {}, paths: { bin: '/bin' } } as unknown as Parameters<typeof manifestsOf>[0]
  await manifestsOf(context, config, { kube, presets }, AbortSignal.timeout(1000)).written()
  return seen
}

test('before the cluster exists, charts see its future version, the kinds of Kubernetes and those of the presets', async () => {
  const args = await helmArgs(undefined)
  expect(args).toEqual(expect.arrayContaining(['v1.34.4', 'networking.k8s.io/v1/Ingress', 'monitoring.coreos.com/v1']))
  expect(await helmArgs(undefined, { image: 'kindest/node:v1.31.2@sha256:abc' })).toContain('v1.31.2')
})

test('with a cluster, charts see what it serves, and the presets that it does not have yet', async () => {
  const capabilities = async () => ({ kubeVersion: 'v1.33.1', apiVersions: ['old.example.com/v1'] })
  const kube: Kube = { ...fakeKube(), capabilities }
  const args = await helmArgs(kube)
  expect(args).toEqual(
    expect.arrayContaining(['v1.33.1', 'old.example.com/v1', 'monitoring.coreos.com/v1/ServiceMonitor']),
  )
  expect(args).not.toContain('networking.k8s.io/v1/Ingress')
})

const runner = { run: async () => ({ exitCode: 0, stdout: '', stderr: '' }) } as unknown as Runner
const context = { runner, env: {}, paths: { bin: '/bin', charts: '/charts' } } as unknown as Parameters<
  typeof manifestsOf
>[0]

test('charts that a change of the configuration names are fetched before the manifests are rendered', async () => {
  const order: string[] = []
  const rendering = { ...context, runner: { run: async () => order.push('render') } as unknown as Runner }
  const config = configOf({ deploy: { helm: [{ name: 'web', chart: 'chart' }] } })
  const fetch = async () => order.push('fetch')
  const manifests = manifestsOf(rendering, config, { kube: undefined, presets, fetch }, AbortSignal.timeout(1000))
  await manifests.written().catch(() => {})
  expect(order[0]).toBe('fetch')
  expect(order).toContain('render')
})

test('a link out of the repository that appears after the configuration was read is not followed', async () => {
  const root = realpathSync(folder({ 'project/k8s/a.yaml': 'kind: A\n', 'private.yaml': 'kind: B\n' }))
  const project = join(root, 'project')
  const config = { ...configOf({ deploy: { manifests: ['k8s'] } }), root: project, file: join(project, 'c.yaml') }
  const there = { ...config, deploy: { ...config.deploy, manifests: [join(project, 'k8s')] } }
  symlinkSync(join(root, 'private.yaml'), join(project, 'k8s/b.yaml'))
  const paths = { ...context.paths, allowed: { folder: join(root, 'allowed'), keyFile: join(root, 'digest-key') } }
  const manifests = manifestsOf({ ...context, paths }, there, { kube: undefined, presets }, AbortSignal.timeout(1000))
  const { code, details } = await failure(manifests.written())
  expect([code, details[0]]).toEqual([
    'PATH_OUTSIDE',
    `c.yaml: deploy.manifests[0] (manifests): ${join(root, 'private.yaml')}, over k8s/b.yaml`,
  ])
})
