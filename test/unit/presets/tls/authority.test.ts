import { X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type AuthorityPlace,
  authorityFiles,
  ensureAuthority,
  retireAuthority,
  retiredAuthorities,
} from '../../../../src/presets/tls/authority.ts'
import { localNames, withLocalNames } from '../../../../src/presets/tls/names.ts'
import { unconstrained } from './support.ts'

const day = 86_400_000
const start = Date.parse('2026-11-21T12:00:00Z')

let home: string
let place: AuthorityPlace

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'devk-tls-'))
  place = { folder: join(home, 'data', 'ca'), names: localNames }
})

afterEach(() => rm(home, { recursive: true, force: true }))

const ensure = (at = start, names = localNames) => ensureAuthority({ ...place, names }, new Date(at))
const folders = async () => (await readdir(join(home, 'data'))).sort()

test('the authority is created once, with a key that only its owner may read', async () => {
  const first = await ensure()
  expect(await ensure()).toMatchObject({ certificate: first.certificate, key: first.key })
  const files = authorityFiles(place.folder)
  expect(((await stat(files.key)).mode & 0o777).toString(8)).toBe('600')
  expect(((await stat(place.folder)).mode & 0o777).toString(8)).toBe('700')
  const root = new X509Certificate(await readFile(files.certificate))
  expect(root.ca && root.verify(root.publicKey)).toBe(true)
  expect(root.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
  expect(root.validToDate.getTime()).toBe(start + 3650 * day)
})

test('processes that create the authority at the same time get the same one', async () => {
  const made = await Promise.all(Array.from({ length: 4 }, () => ensure()))
  expect(new Set(made.map(({ key }) => key)).size).toBe(1)
  expect(await folders()).toEqual(['ca'])
})

test('processes that replace an authority at the same time get the same one', async () => {
  await ensure()
  const names = withLocalNames(['example.com'])
  const made = await Promise.all(Array.from({ length: 4 }, () => ensure(start, names)))
  expect(new Set(made.map(({ certificate }) => certificate)).size).toBe(1)
  expect(made[0]?.certificate).toBe(await readFile(authorityFiles(place.folder).certificate, 'utf8'))
  expect(await folders()).toHaveLength(2)
})

test.each<[string, 'expires' | 'names', () => Promise<unknown>]>([
  ['expires soon', 'expires', () => ensure(start - 3640 * day)],
  ['signs for every host, as those of earlier versions do', 'names', () => unconstrained(place.folder)],
  ['signs for names that are no longer agreed to', 'names', () => ensure(start, withLocalNames(['example.com']))],
])('an authority that %s is replaced, kept without its key, and reported', async (_what, why, make) => {
  await make()
  const old = await readFile(authorityFiles(place.folder).certificate, 'utf8')
  const { certificate, replaced } = await ensure()
  expect(certificate).not.toBe(old)
  expect(replaced).toEqual({ why, folder: expect.stringMatching(/ca-until-2026-11-21-[0-9a-f]{8}$/) })
  expect(await readdir(replaced?.folder ?? '')).toEqual(['ca.crt'])
  expect(await retiredAuthorities(place.folder)).toEqual([
    { file: join(replaced?.folder ?? '', 'ca.crt'), certificate: old },
  ])
  expect((await ensure()).replaced).toBe(undefined)
})

test('an authority that has just replaced another one is not moved away', async () => {
  await ensure(start - 3640 * day)
  const old = await ensure(start - 3640 * day)
  const { certificate } = await ensure()
  await expect(retireAuthority(place.folder, old, new Date(start))).rejects.toMatchObject({ code: 'ENOTEMPTY' })
  expect(await ensure()).toMatchObject({ certificate })
})

test('a damaged authority is reported with a fix, and not changed', async () => {
  await ensure()
  const { certificate } = authorityFiles(place.folder)
  await chmod(certificate, 0o600)
  await writeFile(certificate, 'not a certificate')
  await expect(ensure()).rejects.toMatchObject({
    code: 'HOST_UNFIT',
    message: expect.stringContaining(place.folder),
  })
  expect(await readFile(certificate, 'utf8')).toBe('not a certificate')
})
