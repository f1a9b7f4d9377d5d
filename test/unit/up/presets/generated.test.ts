import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { readBuiltIn } from '../../../../src/presets/folder.ts'
import { readManifests } from '../../../../src/presets/manifests.ts'
import { pairOf } from '../../../../src/presets/tls/objects.ts'
import { presetObjects } from '../../../../src/up/presets/generated.ts'
import { configOf } from '../../stack/support.ts'
import { fakeIssuer } from './fake-issuer.ts'

const { signal } = new AbortController()

const route: KubeObject = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { parentRefs: [{ name: 'gateway', namespace: 'ingress-nginx' }], hostnames: ['route.localhost'] },
}

/** The objects of these presets in a project with these objects. */
async function made(names: readonly string[], objects: readonly KubeObject[]): Promise<KubeObject[]> {
  const chosen = await readBuiltIn(join(import.meta.dirname, '../../../../presets'), names)
  const result = await presetObjects(
    {
      config: configOf({}),
      chosen,
      manifests: readManifests(chosen),
      project: async () => objects.map((object) => ({ object, origin: { file: 'k8s/a.yaml', line: 1 } })),
      issuer: names.includes('ingress') && names.length === 1 ? undefined : fakeIssuer(),
      hooks: { say: () => {}, done: () => {} },
      kube: undefined,
    },
    signal,
  )
  return [...result.objects.values()].flat().map(({ object }) => object)
}

/** The listeners of the preset's Gateway, each as `NAME PORT`. */
async function listeners(names: readonly string[], objects: readonly KubeObject[]): Promise<string[]> {
  const gateways = (await made(names, objects)).filter(({ kind }) => kind === 'Gateway')
  return gateways
    .flatMap(({ spec }) => (spec as { listeners: { name: string; port: number }[] }).listeners)
    .map(({ name, port }) => `${name} ${port}`)
}

test('the Gateway of the preset listens on HTTPS when there is a certificate for the hosts', async () => {
  expect(await listeners(['ingress', 'tls'], [route])).toEqual(['http 80', 'https 443'])
})

test('it listens on HTTP only without the preset tls, or when no host needs a certificate', async () => {
  expect(await listeners(['ingress'], [route])).toEqual(['http 80'])
  expect(await listeners(['ingress', 'tls'], [])).toEqual(['http 80'])
})

test('foreign hosts are left out of the certificate, and without other hosts there is no HTTPS', async () => {
  const foreign = { ...route, spec: { ...(route.spec as object), hostnames: ['accounts.google.com'] } }
  expect(await listeners(['ingress', 'tls'], [foreign])).toEqual(['http 80'])
  const both = await made(['ingress', 'tls'], [foreign, route])
  const secret = both.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === 'devk-hosts')
  expect(pairOf(secret)?.certificate).toBe('for route.localhost')
})

test('webhooks of a preset trust an authority that signed nothing else', async () => {
  const objects = await made(['cert-manager'], [])
  const secret = objects.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === 'cert-manager-tls')
  expect(pairOf(secret)?.certificate).toBe('internal cert-manager-webhook.cert-manager.svc')
  const hooks = objects.filter(({ kind }) => kind.endsWith('WebhookConfiguration'))
  const bundles = hooks.flatMap(({ webhooks }) =>
    (webhooks as { clientConfig: { caBundle: string } }[]).map(({ clientConfig }) => atob(clientConfig.caBundle)),
  )
  expect(new Set(bundles)).toEqual(new Set(['its own']))
})
