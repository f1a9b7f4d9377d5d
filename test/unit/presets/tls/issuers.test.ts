import { expect, test } from 'vitest'
import { type KubeObject, nameOf } from '../../../../src/kube/api.ts'
import { isRemoteIssuer, issuerSecret, localIssuers } from '../../../../src/presets/tls/issuers.ts'
import { withAuthority } from '../../../../src/presets/tls/objects.ts'

const object = (kind: string, name: string, spec: object, annotations: Record<string, string> = {}): KubeObject => ({
  apiVersion: kind === 'Ingress' ? 'networking.k8s.io/v1' : 'cert-manager.io/v1',
  kind,
  metadata: { name, namespace: 'shop', annotations },
  spec,
})
const made = (...objects: KubeObject[]) => {
  const { issuers, namespaces } = localIssuers(objects)
  return [...namespaces.map((namespace) => `Secret ${namespace}/${issuerSecret}`), ...issuers.map(nameOf)]
}

test.each<[string, KubeObject, string[]]>([
  [
    'an Ingress that names a ClusterIssuer',
    object('Ingress', 'web', {}, { 'cert-manager.io/cluster-issuer': 'le' }),
    ['Secret cert-manager/devk-authority', 'ClusterIssuer le'],
  ],
  [
    'an Ingress that names an Issuer',
    object('Ingress', 'web', {}, { 'cert-manager.io/issuer': 'le' }),
    ['Secret shop/devk-authority', 'Issuer shop/le'],
  ],
  [
    'a Certificate, whose issuer is an Issuer when it does not say',
    object('Certificate', 'web', { issuerRef: { name: 'team' } }),
    ['Secret shop/devk-authority', 'Issuer shop/team'],
  ],
  [
    'a remote issuer that nobody names yet',
    object('ClusterIssuer', 'le', { acme: {} }),
    ['Secret cert-manager/devk-authority', 'ClusterIssuer le'],
  ],
  [
    'an issuer of a kind of someone else',
    object('Certificate', 'web', { issuerRef: { kind: 'AWSIssuer', name: 'x' } }),
    [],
  ],
  ['an Ingress without one', object('Ingress', 'web', {}), []],
])('issuers are replaced for %s', (_what, asking, names) => {
  expect(made(asking)).toEqual(names)
})

test('an issuer of the project that works locally is not replaced', () => {
  const own = object('ClusterIssuer', 'own', { selfSigned: {} })
  expect(isRemoteIssuer(own)).toBe(false)
  expect(isRemoteIssuer(object('Issuer', 'vault', { vault: {} }))).toBe(true)
  expect(made(object('Ingress', 'web', {}, { 'cert-manager.io/cluster-issuer': 'own' }), own)).toEqual([])
})

test('two objects that name one issuer share a replacement', () => {
  const asking = ['a', 'b'].map((name) => object('Ingress', name, {}, { 'cert-manager.io/cluster-issuer': 'le' }))
  expect(made(...asking)).toEqual(['Secret cert-manager/devk-authority', 'ClusterIssuer le'])
})

test('webhooks get the certificate of the authority, and other objects do not change', () => {
  const service = { name: 'w', namespace: 'in', path: '/validate' }
  const hook = object('ValidatingWebhookConfiguration', 'w', {})
  const known = withAuthority({ ...hook, webhooks: [{ name: 'a', clientConfig: { service } }] }, 'authority')
  expect(known.webhooks).toEqual([{ name: 'a', clientConfig: { service, caBundle: btoa('authority') } }])
  const other = object('Ingress', 'w', {})
  expect(withAuthority(other, 'authority')).toBe(other)
})
