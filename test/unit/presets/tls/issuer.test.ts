import { X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { authorityFiles, ensureAuthority } from '../../../../src/presets/tls/authority.ts'
import { issuerOf } from '../../../../src/presets/tls/issuer.ts'

const day = 86_400_000
const start = Date.parse('2026-11-21T12:00:00Z')

let home: string
let folder: string
let now: number

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'devk-tls-'))
  folder = join(home, 'data', 'ca')
  now = start
})

afterEach(() => rm(home, { recursive: true, force: true }))

const issuer = (keep = true) => issuerOf({ folder, clock: () => now, keep })

test('the authority is created once, with a key that only its owner may read', async () => {
  const first = await issuer().authority()
  expect(await issuer().authority()).toBe(first)
  const files = authorityFiles(folder)
  expect(((await stat(files.key)).mode & 0o777).toString(8)).toBe('600')
  expect(((await stat(folder)).mode & 0o777).toString(8)).toBe('700')
  const root = new X509Certificate(await readFile(files.certificate))
  expect(root.ca).toBe(true)
  expect(root.verify(root.publicKey)).toBe(true)
  expect(root.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
  expect(root.validToDate.getTime()).toBe(start + 3650 * day)
})

test('two processes that create the authority at the same time get the same one', async () => {
  const made = await Promise.all(Array.from({ length: 4 }, () => ensureAuthority(folder, new Date(now))))
  expect(new Set(made.map(({ key }) => key)).size).toBe(1)
  expect(await readdir(join(home, 'data'))).toEqual(['ca'])
})

test('a certificate of the authority is valid for its hosts only', async () => {
  const desk = issuer()
  const pair = await desk.certificate(['shop.localhost', '*.api.example.com'], undefined)
  const certificate = new X509Certificate(pair.certificate)
  const root = new X509Certificate(await desk.authority())
  expect(certificate.checkIssued(root) && certificate.verify(root.publicKey)).toBe(true)
  expect(certificate.ca).toBe(false)
  expect(certificate.checkHost('shop.localhost')).toBe('shop.localhost')
  expect(certificate.checkHost('v1.api.example.com')).toBe('*.api.example.com')
  expect(certificate.checkHost('bank.localhost')).toBe(undefined)
  expect(certificate.validToDate.getTime() - start).toBe(365 * day)
})

test('a valid certificate is not changed, and one with less than 30 days left is renewed', async () => {
  const hosts = ['shop.localhost', 'api.localhost']
  const first = await issuer().certificate(hosts, undefined)
  now = start + 335 * day
  expect(await issuer().certificate([...hosts].reverse(), first)).toBe(first)
  now += 1000
  const second = await issuer().certificate(hosts, first)
  expect(new X509Certificate(second.certificate).validToDate.getTime()).toBe(now + 365 * day)
  expect(second.key).not.toBe(first.key)
})

test.each<[string, (first: { certificate: string; key: string }) => Promise<unknown>]>([
  ['other hosts', async (first) => issuer().certificate(['shop.localhost', 'new.localhost'], first)],
  ['a damaged one', async (first) => issuer().certificate(['shop.localhost'], { ...first, certificate: 'x' })],
  [
    'one with the key of another',
    async (first) => {
      const other = await issuer().certificate(['shop.localhost'], undefined)
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
  const first = await issuer().certificate(['shop.localhost'], undefined)
  expect(await again(first)).not.toMatchObject({ certificate: first.certificate })
})

test('an authority that expires soon is replaced, and the old one is kept', async () => {
  const first = await issuer().authority()
  now = start + 3640 * day
  expect(await issuer().authority()).not.toBe(first)
  expect((await readdir(join(home, 'data'))).sort()).toEqual(['ca', 'ca-until-2036-11-08'])
})

test('a plan uses the existing authority and writes nothing', async () => {
  const desk = issuer(false)
  await desk.certificate(['shop.localhost'], undefined)
  await expect(readdir(home)).resolves.toEqual([])
  const real = await issuer().authority()
  expect(await issuer(false).authority()).toBe(real)
})

test('a damaged authority is reported with a fix, and not changed', async () => {
  await issuer().authority()
  await chmod(authorityFiles(folder).certificate, 0o600)
  await writeFile(authorityFiles(folder).certificate, 'not a certificate')
  await expect(issuer().authority()).rejects.toMatchObject({
    code: 'HOST_UNFIT',
    message: expect.stringContaining(folder),
  })
  expect(await readFile(authorityFiles(folder).certificate, 'utf8')).toBe('not a certificate')
})
