import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { issuerOf } from '../../../../src/presets/tls/issuer.ts'
import type { KeyPair } from '../../../../src/presets/tls/key-pair.ts'
import { issue } from '../../../../src/presets/tls/x509.ts'
import { answerOf, unconstrained } from './support.ts'

const day = 86_400_000
const start = Date.parse('2026-11-21T12:00:00Z')

let home: string
let folder: string
let now: number
let agreed: string[]

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'devk-tls-'))
  folder = join(home, 'data', 'ca')
  now = start
  agreed = []
})

afterEach(() => rm(home, { recursive: true, force: true }))

const issuer = (keep = true) =>
  issuerOf({ folder, hostsFolder: `${folder}-hosts`, agreed: async () => agreed, clock: () => now, keep })
const read = ({ certificate }: KeyPair) => new X509Certificate(certificate)
const left = (pair: KeyPair) => (read(pair).validToDate.getTime() - now) / day

test('hosts on the internet are foreign until the user agrees to their names', async () => {
  const desk = issuer()
  const hosts = ['shop.localhost', 'accounts.google.com', '*.app.example.com', 'app.example.com']
  expect(await desk.sorted(hosts)).toEqual({ permitted: hosts.slice(0, 1), foreign: hosts.slice(1) })
  agreed = ['app.example.com']
  expect(await desk.sorted(hosts)).toEqual({
    permitted: ['shop.localhost', '*.app.example.com', 'app.example.com'],
    foreign: ['accounts.google.com'],
  })
})

test('a certificate for local hosts comes from the authority that can sign for no others', async () => {
  const desk = issuer()
  const { pair, authority } = await desk.certificate(['shop.localhost', '*.api.test'], undefined)
  expect(read(pair).ca).toBe(false)
  expect(read(pair).checkHost('v1.api.test')).toBe('*.api.test')
  expect(read(pair).checkHost('bank.localhost')).toBe(undefined)
  expect(left(pair)).toBe((90 * day) / day)
  expect(await desk.authorities(['shop.localhost'])).toBe(authority)
  expect(await readdir(join(home, 'data'))).toEqual(['ca'])
})

test('agreed hosts have an authority of their own, and the one for local hosts does not change', async () => {
  now = Date.now()
  const local = await issuer().authorities([])
  agreed = ['app.example.com']
  const desk = issuer()
  const hosts = ['app.example.com', 'shop.localhost']
  const { pair, authority } = await desk.certificate(hosts, undefined)
  expect(authority).not.toBe(local)
  for (const host of hosts) expect(await answerOf(pair, host, authority)).toBe('accepted')
  expect(await answerOf(pair, 'shop.localhost', local)).not.toBe('accepted')
  expect(await desk.authorities(hosts)).toBe(local + authority)
  // A change of the agreement gives a new authority for these hosts only.
  agreed = ['app.example.com', 'other.example.com']
  const next = issuer()
  expect((await next.certificate(hosts, pair)).authority).not.toBe(authority)
  expect(await next.authorities([])).toBe(local)
})

test('a valid certificate is not changed, and one with less than 30 days left is renewed', async () => {
  const hosts = ['shop.localhost', 'api.localhost']
  const { pair: first } = await issuer().certificate(hosts, undefined)
  now = start + 60 * day
  expect((await issuer().certificate([...hosts].reverse(), first)).pair).toBe(first)
  now += 1000
  const { pair: second } = await issuer().certificate(hosts, first)
  expect(left(second)).toBe(90)
  expect(second.key).not.toBe(first.key)
})

test.each<[string, (first: KeyPair) => Promise<{ pair: KeyPair }>]>([
  ['other hosts', (first) => issuer().certificate(['shop.localhost', 'new.localhost'], first)],
  ['a damaged one', (first) => issuer().certificate(['shop.localhost'], { ...first, certificate: 'x' })],
  [
    'one with the key of another',
    async (first) => {
      const { pair: other } = await issuer().certificate(['shop.localhost'], undefined)
      return issuer().certificate(['shop.localhost'], { ...first, key: other.key })
    },
  ],
  [
    'another authority',
    async (first) => {
      await rm(folder, { recursive: true })
      return issuer().certificate(['shop.localhost'], first)
    },
  ],
])('a certificate is issued again for %s', async (_what, again) => {
  const { pair: first } = await issuer().certificate(['shop.localhost'], undefined)
  expect((await again(first)).pair.certificate).not.toBe(first.certificate)
})

test("a cluster gets an authority with a key and names of its own, never the root's", async () => {
  now = Date.now()
  agreed = ['example.com', 'bank.example']
  const { pair, authority } = await issuer().intermediate(['app.example.com', 'shop.localhost'], undefined)
  expect(read(pair).ca && read(pair).verify(new X509Certificate(authority).publicKey)).toBe(true)
  expect(read(pair).fingerprint256).not.toBe(new X509Certificate(authority).fingerprint256)
  expect(left(pair)).toBeCloseTo(90)
  // What a thief signs with the key from the cluster.
  const served = async (host: string) => {
    const leaf = await issue(pair, [host], { from: new Date(now - day), to: new Date(now + day) })
    return answerOf({ ...leaf, certificate: leaf.certificate + pair.certificate }, host, authority)
  }
  expect(await served('app.example.com')).toBe('accepted')
  expect(await served('any.localhost')).toBe('accepted')
  for (const host of ['accounts.google.com', 'example.com', 'bank.example']) {
    expect(await served(host)).toBe('permitted subtree violation')
  }
})

test('the authority of a cluster outlives what cert-manager signs, and changes with its hosts', async () => {
  agreed = ['app.example.com']
  const hosts = ['app.example.com']
  const { pair: first, authority } = await issuer().intermediate(hosts, undefined)
  const again = async (current: KeyPair, of = hosts) => (await issuer().intermediate(of, current)).pair
  now = start + 28 * day
  expect(await again(first)).toBe(first)
  now += 1000
  const second = await again(first)
  expect(left(second)).toBe(90)
  expect(await again(second, [])).not.toBe(second)
  // What earlier versions of devk wrote to the cluster.
  expect(await again({ certificate: authority, key: second.key })).not.toMatchObject({ certificate: authority })
})

test('a certificate for a host of a cluster has an authority of its own, which nothing else is trusted for', async () => {
  now = Date.now()
  const host = 'hook.infra.svc'
  const issued = await issuer().internal([host], undefined)
  expect(await answerOf(issued.pair, host, issued.authority)).toBe('accepted')
  expect(await issuer().internal([host], issued)).toBe(issued)
  expect((await issuer().internal(['other.infra.svc'], issued)).authority).not.toBe(issued.authority)
  await expect(readdir(home)).resolves.toEqual([])
})

test('an authority that can sign for every host is replaced, and the issuer reports it', async () => {
  const old = await unconstrained(folder)
  const desk = issuer()
  const { pair } = await desk.certificate(['shop.localhost'], undefined)
  expect(read(pair).checkIssued(new X509Certificate(old.certificate))).toBe(false)
  expect(desk.replaced()).toEqual([{ why: 'names', folder: expect.stringContaining('ca-until-2026-11-21') }])
})

test('a plan uses the existing authority and writes nothing', async () => {
  await issuer(false).certificate(['shop.localhost'], undefined)
  await expect(readdir(home)).resolves.toEqual([])
  const real = await issuer().authorities([])
  expect(await issuer(false).authorities([])).toBe(real)
  agreed = ['app.example.com']
  await issuer(false).certificate(['app.example.com'], undefined)
  expect(await readdir(join(home, 'data'))).toEqual(['ca'])
})
