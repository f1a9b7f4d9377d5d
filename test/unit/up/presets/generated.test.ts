import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { readBuiltIn } from '../../../../src/presets/folder.ts'
import { readManifests } from '../../../../src/presets/manifests.ts'
import type { Issuer } from '../../../../src/presets/tls/issuer.ts'
import { presetObjects } from '../../../../src/up/presets/generated.ts'
import { configOf } from '../../stack/support.ts'

const { signal } = new AbortController()

const issuer: Issuer = {
  authority: async () => 'authority',
  authorityPair: async () => ({ certificate: 'authority', key: 'its key' }),
  certificate: async (hosts) => ({ certificate: `for ${hosts.join(' ')}`, key: 'key' }),
}
const route: KubeObject = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { parentRefs: [{ name: 'gateway', namespace: 'ingress-nginx' }], hostnames: ['route.localhost'] },
}

/** The listeners of the preset's Gateway, each as `NAME PORT`. */
async function listeners(names: readonly string[], objects: readonly KubeObject[]): Promise<string[]> {
  const chosen = await readBuiltIn(join(import.meta.dirname, '../../../../presets'), names)
  const made = await presetObjects(
    {
      config: configOf({}),
      chosen,
      manifests: readManifests(chosen),
      project: async () => objects.map((object) => ({ object, origin: { file: 'k8s/a.yaml', line: 1 } })),
      issuer: names.includes('tls') ? issuer : undefined,
      hooks: { say: () => {}, done: () => {} },
      kube: undefined,
    },
    signal,
  )
  const all = [...made.objects.values()].flat().map(({ object }) => object)
  const gateways = all.filter(({ kind }) => kind === 'Gateway')
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
