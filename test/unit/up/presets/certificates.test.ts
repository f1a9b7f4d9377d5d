import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { nameOf } from '../../../../src/kube/api.ts'
import { pairOf } from '../../../../src/presets/tls/objects.ts'
import { certified } from '../../../../src/up/presets/certificates.ts'
import { fakeKube } from '../../../fakes/kube.ts'
import { configOf } from '../../stack/support.ts'
import { fakeIssuer } from './fake-issuer.ts'

const { signal } = new AbortController()
const origin = { file: 'k8s/a.yaml', line: 1 }
const config = configOf({ deploy: { namespace: 'shop' } })

const ingress = (annotations: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', annotations },
  spec: { tls: [{ hosts: ['a.localhost'], secretName: 'web-tls' }] },
})
const certificate: KubeObject = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'api' },
  spec: { secretName: 'api-tls', dnsNames: ['api.example.com'] },
}
const clusterIssuer: KubeObject = { apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name: 'le' } }
const secret = (name: string, labels: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'shop', labels },
  data: { 'tls.crt': btoa('there'), 'tls.key': btoa('key') },
})
const agreed = ['api.example.com']
interface Run {
  readonly kube?: ReturnType<typeof fakeKube>
  readonly own?: typeof config
  readonly certManager?: boolean
  readonly issuer?: ReturnType<typeof fakeIssuer>
}
const run = async (objects: readonly KubeObject[], options: Run = {}) => {
  const { kube = fakeKube(), own = config, certManager = false, issuer = fakeIssuer(agreed) } = options
  const rendered = objects.map((object) => ({ object, origin }))
  const result = await certified(own, rendered, { kube, issuer, certManager }, signal)
  return { ...result, names: result.certificates.map(nameOf), left: result.rendered.map(({ object }) => object.kind) }
}

test('creates each Secret that is named, and a ConfigMap with the authority', async () => {
  const { certificates, names } = await run([ingress()])
  expect(names).toEqual(['Secret shop/web-tls', 'ConfigMap shop/devk-ca'])
  expect(pairOf(certificates[0])).toEqual({ certificate: 'for a.localhost', key: 'key' })
  expect(certificates[1]?.data).toEqual({ 'ca.crt': 'authority' })
})

test('reuses a Secret of the project, and leaves Secrets of others alone', async () => {
  const own = fakeKube({ objects: [secret('web-tls', { 'devk.dev/project': 'todo' })] })
  expect(pairOf((await run([ingress()], { kube: own })).certificates[0])?.certificate).toBe('there')
  const foreign = fakeKube({ objects: [secret('web-tls', {})] })
  expect((await run([ingress()], { kube: foreign })).names).toEqual(['ConfigMap shop/devk-ca'])
})

test('does not replace a Secret of the configuration', async () => {
  const own = configOf({ deploy: { namespace: 'shop' }, secrets: { 'web-tls': { fromEnvFile: '.env' } } })
  expect((await run([ingress()], { own })).names).toEqual(['ConfigMap shop/devk-ca'])
})

test('without cert-manager, issues its certificates, leaves out its objects, and says so', async () => {
  const { names, left, notes } = await run([ingress({ 'cert-manager.io/issuer': 'le' }), certificate, clusterIssuer])
  expect(names).toEqual(['Secret shop/web-tls', 'Secret shop/api-tls', 'ConfigMap shop/devk-ca'])
  expect(left).toEqual(['Ingress'])
  expect(notes).toHaveLength(2)
})

test('leaves objects of cert-manager alone when the cluster has it', async () => {
  const kube = fakeKube({ kinds: { 'cert-manager.io/v1 Certificate': true } })
  const asking = {
    ...ingress({ 'cert-manager.io/cluster-issuer': 'le' }),
    metadata: { name: 'x', annotations: { 'cert-manager.io/cluster-issuer': 'le' } },
  }
  const other = { ...ingress(), spec: { tls: [{ hosts: ['b.localhost'], secretName: 'b-tls' }] } }
  const { names, left, notes } = await run([asking, other, certificate, clusterIssuer], { kube })
  expect(names).toEqual(['Secret shop/b-tls', 'ConfigMap shop/devk-ca'])
  expect(left).toEqual(['Ingress', 'Ingress', 'Certificate', 'ClusterIssuer'])
  expect(notes).toEqual([])
})

test("in an existing cluster, uses the developer's namespace", async () => {
  const cluster = { provider: 'existing', context: 'office', namespace: 'me', registry: 'registry.example.com/me' }
  const own = configOf({ deploy: { namespace: 'shop' }, cluster })
  expect((await run([ingress()], { own })).names).toEqual(['Secret me/web-tls', 'ConfigMap me/devk-ca'])
})

test('with the preset cert-manager, remote issuers use an authority of the cluster, and other issuers stay', async () => {
  const acme = { ...clusterIssuer, spec: { acme: {} } }
  const local = { ...clusterIssuer, metadata: { name: 'self' }, spec: { selfSigned: {} } }
  const asked = { ...certificate, spec: { ...(certificate.spec as object), issuerRef: { name: 'team' } } }
  const objects = [ingress({ 'cert-manager.io/cluster-issuer': 'le' }), asked, acme, local]
  const { certificates, names, left, notes } = await run(objects, { certManager: true })
  expect(left).toEqual(['Ingress', 'Certificate', 'ClusterIssuer'])
  expect(notes).toEqual([expect.stringContaining('ClusterIssuer le')])
  expect(names).toEqual([
    ...['ConfigMap shop/devk-ca', 'Secret cert-manager/devk-authority', 'Secret shop/devk-authority'],
    ...['ClusterIssuer le', 'Issuer shop/team'],
  ])
  expect(certificates.at(-1)?.spec).toEqual({ ca: { secretName: 'devk-authority' } })
  expect(pairOf(certificates[1])).toEqual({ certificate: 'below, for a.localhost api.example.com', key: 'key' })
})

test('no authority is written to an existing cluster', async () => {
  const cluster = { provider: 'existing', context: 'office', namespace: 'me', registry: 'registry.example.com/me' }
  const own = configOf({ deploy: { namespace: 'shop' }, cluster })
  const { names } = await run([ingress({ 'cert-manager.io/cluster-issuer': 'le' }), clusterIssuer], {
    own,
    certManager: true,
  })
  expect(names).toEqual(['ConfigMap me/devk-ca'])
})

const shop = (...hosts: string[]): KubeObject => ({ ...ingress(), spec: { tls: [{ hosts, secretName: 'web-tls' }] } })

test('a foreign host that a repository names gets no certificate, and a note with the command to agree', async () => {
  const { names, notes, left } = await run([shop('accounts.google.com')])
  expect(names).toEqual(['ConfigMap shop/devk-ca'])
  expect(left).toEqual(['Ingress'])
  expect(notes).toEqual([expect.stringContaining('devk trust --host accounts.google.com')])
})

test('the other hosts of the same Secret get theirs', async () => {
  const { certificates, notes } = await run([shop('accounts.google.com', 'shop.localhost', 'api.example.com')])
  expect(pairOf(certificates[0])?.certificate).toBe('for api.example.com shop.localhost')
  expect(notes).toHaveLength(1)
})

test('foreign hosts of URLs, of rules without a Secret and of Certificates are noted, each once', async () => {
  const own = configOf({
    deploy: { namespace: 'shop' },
    services: { web: { build: { context: 'web' }, url: 'https://login.example.org/' } },
  })
  const rule = { ...ingress(), spec: { rules: [{ host: 'www.example.org' }] } }
  const asked = { ...certificate, spec: { secretName: 'x', dnsNames: ['*.example.org', '*.example.org'] } }
  const { names, notes } = await run([rule, asked], { own })
  expect(names).toEqual(['ConfigMap shop/devk-ca'])
  expect(notes.filter((note) => note.includes('trust --host')).map((note) => note.split(' ')[0])).toEqual([
    '*.example.org',
    'login.example.org',
    'www.example.org',
  ])
  expect(notes[0]).toContain('devk trust --host example.org')
  expect(notes.at(-1)).toMatch(/^Certificate (shop\/)?api is left out/)
})

test('the authority of a cluster stays, in all its namespaces, and foreign hosts are noted', async () => {
  const kube = fakeKube({ objects: [{ ...secret('devk-authority', {}), type: 'kubernetes.io/tls' }] })
  const asked = { ...certificate, spec: { ...(certificate.spec as object), issuerRef: { name: 'team' } } }
  const objects = [ingress({ 'cert-manager.io/cluster-issuer': 'le' }), asked]
  const { certificates, notes } = await run(objects, { kube, certManager: true, issuer: fakeIssuer() })
  const secrets = certificates.filter(({ metadata }) => metadata.name === 'devk-authority')
  expect(secrets.map((each) => pairOf(each)?.certificate)).toEqual(['there', 'there'])
  expect(notes).toEqual([expect.stringContaining('api.example.com')])
})

test('an authority that was replaced is noted with what to do', async () => {
  const issuer = { ...fakeIssuer(), replaced: () => [{ why: 'names' as const, folder: '/data/ca-until-x' }] }
  const { notes } = await run([ingress()], { issuer })
  expect(notes).toEqual([expect.stringMatching(/replaced a certificate authority.*devk trust --install.*ca-until-x/)])
})
