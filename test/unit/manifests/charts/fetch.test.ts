import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fetchCharts, unfetched } from '../../../../src/manifests/charts/fetch.ts'
import { locatedReleases } from '../../../../src/manifests/charts/located.ts'
import { digestOf } from '../../../../src/manifests/charts/store.ts'
import { fakeHelm, folderWith, type Published } from './support.ts'

const release = (name: string, more: object) => ({ name, values: [], set: {}, ...more }) as never
const redis = release('cache', { chart: 'oci://example.com/charts/redis', version: '^1' })
const mail = release('mail', { chart: 'mail', repo: 'https://charts.example.com' })

async function project(published: Published, added: { name: string; url: string }[] = []) {
  const root = await folderWith({})
  const charts = join(root, 'cache')
  const helm = fakeHelm(published, added)
  const fetch = (releases: never[], update = false) =>
    fetchCharts(releases, { runner: helm.runner, charts, signal: AbortSignal.timeout(5000), root, update })
  return { root, charts, fetch, calls: helm.calls, lock: () => readFile(join(root, 'devk.lock'), 'utf8') }
}

test('version and digest of what was found are noted; the archive lies in the cache', async () => {
  const { root, charts, fetch, lock } = await project({ redis: { '1.0.0': 'old', '1.2.3': 'new' } })
  const [fetched] = await fetch([redis])
  expect(fetched).toMatchObject({ version: '1.2.3', digest: digestOf(Buffer.from('new')), isNew: true })
  expect(await lock()).toContain(`constraint: ^1\n    version: 1.2.3\n    digest: ${digestOf(Buffer.from('new'))}`)
  const [located] = await locatedReleases([redis], root, charts)
  expect(await readFile(located?.path ?? '', 'utf8')).toBe('new')
  expect((await readdir(charts)).length).toBe(1)
})

test('what the lock names is fetched in that version, although there is a newer one', async () => {
  const published: Published = { redis: { '1.2.3': 'a' } }
  const { charts, root, fetch, calls } = await project(published)
  await fetch([redis])
  published.redis = { '1.2.3': 'a', '1.3.0': 'b' }
  const other = join(root, 'other-machine')
  expect(await unfetched([redis], root, other)).toEqual([redis])
  expect(await unfetched([redis], root, charts)).toEqual([])
  expect((await fetch([redis]))[0]).toMatchObject({ version: '1.2.3', isNew: false })
  expect(calls.filter((call) => call.startsWith('pull'))).toEqual([
    'pull oci://example.com/charts/redis --version=^1',
    'pull oci://example.com/charts/redis --version=1.2.3',
  ])
})

test('other content under the same version is refused, with the line of the lock and the command that accepts it', async () => {
  const published: Published = { redis: { '1.2.3': 'a' }, mail: { '2.0.0': 'm' } }
  const { root, charts, fetch, lock } = await project(published)
  await fetch([redis, mail])
  const before = await lock()
  published.redis = { '1.2.3': 'changed' }
  await expect(fetch([redis])).rejects.toMatchObject({
    code: 'CHART_CHANGED',
    details: expect.arrayContaining([`devk.lock:3: ${digestOf(Buffer.from('a'))}`]),
    hint: expect.stringContaining('devk fetch --update cache'),
  })
  expect(await lock()).toBe(before)
  expect((await readdir(charts)).length).toBe(2)
  await fetch([redis], true)
  expect(await lock()).toContain(digestOf(Buffer.from('changed')))
  expect(await lock()).toContain(digestOf(Buffer.from('m')))
  expect(await unfetched([redis, mail], root, charts)).toEqual([])
})

test('an archive in the cache that is damaged counts as missing', async () => {
  const { root, charts, fetch } = await project({ redis: { '1.2.3': 'a' } })
  await fetch([redis])
  const [file = ''] = await readdir(charts)
  await writeFile(join(charts, file), 'damaged')
  expect(await unfetched([redis], root, charts)).toEqual([redis])
  await fetch([redis])
  expect(await unfetched([redis], root, charts)).toEqual([])
})

test('two releases of one chart fetch it once', async () => {
  const { fetch, calls } = await project({ redis: { '1.2.3': 'a' } })
  const twin = release('sessions', { chart: 'oci://example.com/charts/redis', version: '^1' })
  expect((await fetch([redis, twin]))[0]?.releases).toEqual(['cache', 'sessions'])
  expect(calls.filter((call) => call.startsWith('pull'))).toHaveLength(1)
})

test('a repository that the user has added to helm is called by its name, so that helm sends the credentials', async () => {
  const added = [{ name: 'ours', url: 'https://charts.example.com/' }]
  const { fetch, calls } = await project({ mail: { '2.0.0': 'm' } }, added)
  await fetch([mail])
  expect(calls.slice(1, 3)).toEqual(['repo update ours', 'pull ours/mail'])
  const other = await project({ mail: { '2.0.0': 'm' } })
  await other.fetch([mail])
  expect(other.calls[1]).toBe('pull mail --repo=https://charts.example.com')
})

test('a chart that cannot be fetched: the words of helm, and no lock', async () => {
  const { fetch, lock } = await project({ mail: { '2.0.0': 'm' } })
  await expect(fetch([mail, redis])).rejects.toMatchObject({
    code: 'CHART_MISSING',
    details: ['Error: chart "redis" not found'],
  })
  await expect(lock()).rejects.toThrow('ENOENT')
})

test('rendering fetches nothing: it says what is missing and the command', async () => {
  const { root, charts, calls } = await project({ redis: { '1.2.3': 'a' } })
  await expect(locatedReleases([redis, mail], root, charts)).rejects.toMatchObject({
    code: 'CHART_MISSING',
    details: ['cache: oci://example.com/charts/redis ^1', 'mail: mail of https://charts.example.com'],
    hint: expect.stringContaining('devk fetch'),
  })
  expect(calls).toEqual([])
})

test('a lock for another version of the configuration does not count', async () => {
  const { root, charts, fetch } = await project({ redis: { '1.2.3': 'a', '2.0.0': 'b' } })
  await fetch([redis])
  const newer = release('cache', { chart: 'oci://example.com/charts/redis', version: '2.0.0' })
  expect(await unfetched([newer], root, charts)).toEqual([newer])
})

const digest = `sha256:${'0'.repeat(64)}`

test.each([
  ['charts:\n<<<<<<< ours\n', 'MANIFEST_INVALID', /devk\.lock:2/],
  ['charts: {}\n', 'MANIFEST_INVALID', /devk\.lock:1: must have a list/],
  ['- a\n', 'MANIFEST_INVALID', /devk\.lock:1: must have a list/],
  ['charts:\n  - chart: a\n    version: 1.0\n', 'MANIFEST_INVALID', /devk\.lock:2: chart and version must be strings/],
  [
    `charts:\n  - {chart: a, version: 1.0.0, digest: ${digest}}\n  - {chart: b, version: 1.0.0, digest: x}`,
    'MANIFEST_INVALID',
    /devk\.lock:3: digest/,
  ],
  [`charts:\n  - {chart: a, repo: [x], version: 1.0.0, digest: ${digest}}`, 'MANIFEST_INVALID', /devk\.lock:2: repo/],
])('a lock that cannot be read is refused with its line: %s', async (text, code, message) => {
  const { root, charts } = await project({})
  await writeFile(join(root, 'devk.lock'), text)
  const error = await unfetched([redis], root, charts).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code })
  const { message: words, details } = error as { message: string; details: string[] }
  expect([words, ...details].join('\n')).toMatch(message)
})
