/** Certificates for the sites of others, and the authority that the user's machine trusts. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/api.ts'
import { pairOf } from '../../src/presets/tls/objects.ts'
import { issue } from '../../src/presets/tls/x509.ts'
import { statePaths } from '../../src/state/paths.ts'
import { certified, projectCertifier } from '../../src/up/presets/certificates.ts'
import { answerOf, validity } from '../unit/presets/tls/support.ts'
import { configOf } from '../unit/stack/support.ts'
import { hostileRepository } from './support/hostile.ts'

const victim = 'accounts.google.com'
const origin = { file: 'k8s/ingress.yaml', line: 1 }
/** What a hostile repository deploys. */
const ingress: KubeObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', namespace: 'it', annotations: { 'cert-manager.io/issuer': 'mine' } },
  spec: { tls: [{ hosts: [victim, 'it.localhost'], secretName: 'web-tls' }] },
}
const preset = (name: string) => ({ name, generate: ['host-certificates'] })

/** All that devk would write to a cluster for the repository, with a real authority; and what the user may trust. */
async function deployed(names: readonly string[]) {
  const hostile = await hostileRepository()
  const paths = statePaths({ HOME: join(hostile.devk.stateHome, 'home') })
  const context = { paths, clock: () => Date.now() }
  const certifier = projectCertifier(context, names.map(preset) as never, true)
  if (certifier === undefined) throw new Error('no preset asks for certificates')
  const { signal } = new AbortController()
  const rendered = [{ object: ingress, origin }]
  const { certificates } = await certified(configOf({}), rendered, { ...certifier, kube: undefined }, signal)
  return { pairs: certificates.flatMap((each) => pairOf(each) ?? []), trusted: await certifier.issuer.authorities([]) }
}

test('no certificate that a repository gets is accepted for a host of someone else', async () => {
  const { pairs, trusted } = await deployed(['tls'])
  expect(pairs).toHaveLength(1)
  for (const pair of pairs) {
    expect(await answerOf(pair, 'it.localhost', trusted)).toBe('accepted')
    expect(await answerOf(pair, victim, trusted)).not.toBe('accepted')
  }
})

test('no key that a cluster gets signs for a host of someone else', async () => {
  const { pairs, trusted } = await deployed(['tls', 'cert-manager'])
  expect(pairs).toHaveLength(1)
  for (const pair of pairs) {
    const leaf = await issue(pair, [victim], validity)
    const chain = { ...leaf, certificate: leaf.certificate + pair.certificate }
    expect(await answerOf(chain, victim, trusted)).toBe('permitted subtree violation')
  }
})

test('a repository cannot agree for the user, and nothing is installed in continuous integration', async () => {
  const hostile = await hostileRepository()
  await hostile.write({ 'hosts.json': JSON.stringify({ [victim]: { agreed: true, since: '' } }) })
  const trust = (...args: string[]) => hostile.devk.run(['trust', ...args], { env: { CI: 'true' } })
  expect((await trust('--host', victim)).exitCode).toBe(2)
  expect((await trust('--host', 'com', '--yes')).exitCode).toBe(2)
  expect((await trust('--install', '--yes')).exitCode).toBe(2)
})
