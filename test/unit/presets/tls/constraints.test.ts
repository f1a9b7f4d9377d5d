import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { KeyPair } from '../../../../src/presets/tls/key-pair.ts'
import { issue, issueAuthority } from '../../../../src/presets/tls/x509.ts'
import { answerOf, forged, rootFor, validity } from './support.ts'

const run = promisify(execFile)
const local = ['internal', 'localhost', 'test']
const refused = 'permitted subtree violation'

test.each([0, 3, 9, 40])('an authority signs for %i names besides the local ones', async (count) => {
  const names = Array.from({ length: count }, (_, i) => `host-${i}.example.com`)
  const root = await rootFor(...local, ...names)
  for (const host of ['a.test', ...names.slice(-1)]) {
    expect(await answerOf(await issue(root, [host], validity), host, root.certificate)).toBe('accepted')
  }
  const next = `host-${count}.example.com`
  expect(await answerOf(await issue(root, [next], validity), next, root.certificate)).toBe(refused)
})

test.each(['shop.localhost', 'a.b.test', 'db.internal'])('clients accept a certificate for %s', async (host) => {
  const root = await rootFor(...local)
  expect(await answerOf(await issue(root, [host], validity), host, root.certificate)).toBe('accepted')
})

test.each(['accounts.google.com', 'app.example.com', 'localhost.example.com'])(
  'clients refuse a certificate for %s that someone signed with the key of the root',
  async (host) => {
    const root = await rootFor(...local)
    expect(await answerOf(await issue(root, [host], validity), host, root.certificate)).toBe(refused)
    // Also beside a host that is permitted.
    const both = await issue(root, ['shop.localhost', host], validity)
    expect(await answerOf(both, host, root.certificate)).toBe(refused)
  },
)

test('clients accept a host below a name that the root has, and refuse its neighbours', async () => {
  const root = await rootFor(...local, 'app.example.com')
  const answer = async (host: string) => answerOf(await issue(root, [host], validity), host, root.certificate)
  expect(await answer('app.example.com')).toBe('accepted')
  expect(await answer('v1.app.example.com')).toBe('accepted')
  expect(await answer('example.com')).toBe(refused)
  expect(await answer('xapp.example.com')).toBe(refused)
})

test('clients refuse certificates for addresses, and a host that is only the common name', async () => {
  const root = await rootFor(...local)
  const address = await forged(root, [{ type: 'ip', value: '127.0.0.1' }], 'CN=x')
  expect(await answerOf(address, '', root.certificate)).toBe('excluded subtree violation')
  const common = await forged(root, [], 'CN=accounts.google.com')
  expect(await answerOf(common, 'accounts.google.com', root.certificate)).toBe(refused)
})

test('an intermediate signs within its own names only, and no further authority', async () => {
  const root = await rootFor(...local, 'example.com')
  const below = await issueAuthority(root, { name: 'cluster', names: [...local, 'app.example.com'] }, validity)
  const chain = (pair: KeyPair, ...above: KeyPair[]) => ({
    ...pair,
    certificate: [pair, ...above].map(({ certificate }) => certificate).join(''),
  })
  const answer = async (host: string, ...above: KeyPair[]) =>
    answerOf(chain(await issue(above[0] ?? root, [host], validity), ...above), host, root.certificate)
  expect(await answer('shop.localhost', below)).toBe('accepted')
  expect(await answer('app.example.com', below)).toBe('accepted')
  // The root could sign for it, the intermediate cannot.
  expect(await answer('other.example.com', below)).toBe(refused)
  expect(await answer('accounts.google.com', below)).toBe(refused)
  const further = await issueAuthority(below, { name: 'further', names: ['localhost'] }, validity)
  expect(await answer('shop.localhost', further, below)).toBe('path length constraint exceeded')
  const wide = await issueAuthority(root, { name: 'wide', names: ['com'] }, validity)
  expect(await answer('accounts.google.com', wide)).toBe(refused)
})

test('openssl sees the limits of the root, and verifies as clients do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'devk-chain-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const root = await rootFor(...local)
  const file = async (name: string, { certificate }: KeyPair) => {
    await writeFile(join(folder, name), certificate)
    return join(folder, name)
  }
  const ca = await file('ca.crt', root)
  const { stdout } = await run('openssl', ['x509', '-in', ca, '-noout', '-text'])
  expect(stdout).toMatch(
    /Name Constraints: critical\s+Permitted:\s+DNS:internal\s+DNS:localhost\s+DNS:test\s+Excluded:/,
  )
  expect(stdout).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:1/)
  expect(stdout).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\s/)
  expect(stdout).toMatch(/Extended Key Usage: ?\s+TLS Web Server Authentication\s/)
  const verify = async (purpose: string, host: string) =>
    run('openssl', [
      'verify',
      '-purpose',
      purpose,
      '-CAfile',
      ca,
      await file('leaf.crt', await issue(root, [host], validity)),
    ])
  expect((await verify('sslserver', 'shop.localhost')).stdout).toContain(': OK')
  await expect(verify('sslserver', 'accounts.google.com')).rejects.toMatchObject({
    stderr: expect.stringContaining('permitted subtree violation'),
  })
  await expect(verify('smimesign', 'shop.localhost')).rejects.toThrow()
})
