import { lstatSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { execaRunner } from '../../../../src/exec/runner.ts'
import { readLock } from '../../../../src/manifests/charts/lock.ts'
import { digestOf } from '../../../../src/manifests/charts/store.ts'
import { contentOf, fetchSources, unfetchedSources } from '../../../../src/manifests/remote/fetch.ts'
import type { RemoteSource } from '../../../../src/manifests/remote/source.ts'
import { type GitFiles, gitServer, listening } from '../../../support/git-server.ts'
import { folderWith } from '../charts/support.ts'

async function project(settings = '') {
  const root = await folderWith({ '.gitconfig': settings })
  const charts = join(root, 'cache')
  const runner = execaRunner({ ...process.env, HOME: root, XDG_CONFIG_HOME: root })
  return {
    root,
    charts,
    fetch: (source: RemoteSource, update = false, place = charts) =>
      fetchSources([source], { runner, charts: place, signal: AbortSignal.timeout(60_000), root, update }),
    place: async (source: RemoteSource) => contentOf(await readLock(root), source, charts),
    lock: () => readFile(join(root, 'devk.lock'), 'utf8'),
  }
}

async function repository(files: GitFiles) {
  const server = await gitServer(files)
  onTestFinished(() => server.close())
  return server
}

/** A server of one file, whose content and answers a test changes. */
async function fileServer(text: string) {
  const state = { text, status: 200, location: '' }
  const server = createServer((_request, response) => {
    response.statusCode = state.status
    if (state.location !== '') response.setHeader('location', state.location)
    response.end(state.text)
  })
  const url = `http://127.0.0.1:${await listening(server)}/v1.2.3/install.yaml`
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(close)
  return { state, url, close }
}

/** Git starts a dozen programs for one fetch, which takes long on a busy machine. */
const busy = { timeout: 60_000 }

const url = (address: string) => ({ from: 'url', address }) as const
const git = (address: string, ref?: string) => ({ from: 'git', address, ref }) as const

test('a file is fetched once, noted with its digest, and read without its server', busy, async () => {
  const { fetch, place, lock, root, charts } = await project()
  const server = await fileServer('kind: A\n')
  const source = url(server.url)
  expect(await unfetchedSources([source], root, charts)).toEqual([source])
  expect(await fetch(source)).toMatchObject([{ isNew: true, digest: digestOf(Buffer.from('kind: A\n')) }])
  expect(await lock()).toContain(`sources:\n  - url: ${server.url}\n    digest: ${digestOf(Buffer.from('kind: A\n'))}`)
  server.close()
  expect(await unfetchedSources([source], root, charts)).toEqual([])
  expect(await readFile((await place(source)) ?? '', 'utf8')).toBe('kind: A\n')
})

test(
  'other content behind the same URL is refused with the line of the lock, and taken with an update',
  busy,
  async () => {
    const { fetch, lock, root, charts } = await project()
    const server = await fileServer('kind: A\n')
    await fetch(url(server.url))
    const before = await lock()
    server.state.text = 'kind: B\n'
    const elsewhere = join(root, 'other-machine')
    await expect(fetch(url(server.url), false, elsewhere)).rejects.toMatchObject({
      code: 'CHART_CHANGED',
      details: expect.arrayContaining([`devk.lock:4: ${digestOf(Buffer.from('kind: A\n'))}`]),
      hint: expect.stringContaining('devk preset update'),
    })
    expect([await lock(), readdirSync(charts).length]).toEqual([before, 1])
    expect(await unfetchedSources([url(server.url)], root, elsewhere)).toHaveLength(1)
    expect(await fetch(url(server.url), true)).toMatchObject([{ isNew: true }])
    expect(await lock()).toContain(digestOf(Buffer.from('kind: B\n')))
  },
)

test('a damaged file in the cache counts as missing', busy, async () => {
  const { fetch, root, charts } = await project()
  const server = await fileServer('kind: A\n')
  await fetch(url(server.url))
  for (const file of readdirSync(charts)) await writeFile(join(charts, file), 'damaged')
  expect(await unfetchedSources([url(server.url)], root, charts)).toHaveLength(1)
})

test.each([
  ['an answer without success', { status: 404 }, /answers 404/],
  ['a redirect to a host without encryption', { status: 302, location: 'http://example.com/a' }, /without encryption/],
  ['a redirect to a file', { status: 302, location: 'file:///etc/passwd' }, /is not a URL that devk fetches from/],
  ['redirects without end', { status: 302, location: '/again' }, /more than 5 redirects/],
])('%s is an error, and nothing is noted', busy, async (_name, answer, message) => {
  const { fetch, lock } = await project()
  const server = await fileServer('kind: A\n')
  Object.assign(server.state, answer)
  await expect(fetch(url(server.url))).rejects.toMatchObject({ code: 'CHART_MISSING' })
  await expect(fetch(url(server.url))).rejects.toThrow(message)
  await expect(lock()).rejects.toThrow('ENOENT')
})

test('a commit is fetched once, noted, and read without its server', busy, async () => {
  const { fetch, place, lock, root, charts } = await project()
  const server = await repository({ 'deploy/a.yaml': 'kind: A\n' })
  const source = git(server.url, 'main')
  expect(await fetch(source)).toMatchObject([{ isNew: true, commit: server.git('rev-parse', 'HEAD') }])
  expect(await lock()).toMatch(/- git: http.*\n {4}ref: main\n {4}commit: [0-9a-f]{40}\n {4}digest: sha256:/)
  await server.close()
  expect(await unfetchedSources([source], root, charts)).toEqual([])
  expect(await readFile(join((await place(source)) ?? '', 'deploy/a.yaml'), 'utf8')).toBe('kind: A\n')
})

test('the locked commit is fetched, although the branch has moved on; an update takes the newest', busy, async () => {
  const { fetch, place, root, charts } = await project()
  const server = await repository({ 'a.yaml': 'kind: A\n' })
  await fetch(git(server.url))
  await server.commit({ 'a.yaml': 'kind: B\n' })
  const other = join(root, 'other-machine')
  expect(await fetch(git(server.url), false, other)).toMatchObject([{ isNew: false }])
  expect(readdirSync(other)).toEqual(readdirSync(charts))
  await fetch(git(server.url), true)
  expect(await readFile(join((await place(git(server.url))) ?? '', 'a.yaml'), 'utf8')).toBe('kind: B\n')
})

test('a tag that somebody moved to a rewritten history is refused', busy, async () => {
  const { fetch, root } = await project()
  const server = await repository({ 'a.yaml': 'kind: A\n' })
  server.git('tag', 'v1')
  await fetch(git(server.url, 'v1'))
  server.git('checkout', '--quiet', '--orphan', 'other')
  await server.commit({ 'a.yaml': 'kind: B\n' })
  server.git('tag', '--force', 'v1')
  server.git('branch', '--quiet', '-D', 'main')
  server.git('reflog', 'expire', '--expire=now', '--all')
  server.git('gc', '--quiet', '--prune=now')
  await expect(fetch(git(server.url, 'v1'), false, join(root, 'other-machine'))).rejects.toMatchObject({
    code: 'CHART_CHANGED',
    details: expect.arrayContaining([expect.stringMatching(/^devk\.lock:4: .*\(commit /)]),
  })
})

test('links that lead out of a repository are left out, also over another link', busy, async () => {
  const { fetch, place } = await project()
  const server = await repository({
    'a.yaml': 'kind: A\n',
    'inside.yaml': 'link:a.yaml',
    'outside.yaml': 'link:/etc/hostname',
    'above.yaml': 'link:../../devk.lock',
    'deep/er/top': 'link:../..',
    'deep/er/trick.yaml': 'link:top/../devk.lock',
  })
  await fetch(git(server.url))
  const tree = (await place(git(server.url))) ?? ''
  expect(readdirSync(tree).sort()).toEqual(['a.yaml', 'deep', 'inside.yaml'])
  expect(lstatSync(join(tree, 'inside.yaml')).isSymbolicLink()).toBe(true)
  expect(readdirSync(join(tree, 'deep/er'))).not.toContain('trick.yaml')
})

test(
  'neither filters nor line ends of the user, which a repository can choose, change what is fetched',
  busy,
  async () => {
    const evil = '[filter "evil"]\n  smudge = "touch evil-ran; echo changed"\n[core]\n  autocrlf = true\n'
    const { fetch, place, root } = await project(evil)
    const server = await repository({ '.gitattributes': '*.yaml filter=evil\n', 'a.yaml': 'kind: A\n' })
    await fetch(git(server.url))
    expect(await readFile(join((await place(git(server.url))) ?? '', 'a.yaml'), 'utf8')).toBe('kind: A\n')
    expect(readdirSync(root).sort()).toEqual(['.gitconfig', 'cache', 'devk.lock'])
  },
)

test('a ref that does not exist: the words of git, and no lock', busy, async () => {
  const { fetch, lock, charts } = await project()
  const server = await repository({ 'a.yaml': 'kind: A\n' })
  await expect(fetch(git(server.url, 'v9'))).rejects.toMatchObject({
    code: 'CHART_MISSING',
    details: [expect.stringContaining('v9')],
  })
  await expect(lock()).rejects.toThrow('ENOENT')
  expect(readdirSync(charts)).toEqual([])
})

const digest = `sha256:${'0'.repeat(64)}`

test.each([
  ['sources: {}', /devk\.lock:1: must have a list `sources`/],
  [`sources:\n  - {url: a, git: b, digest: ${digest}}`, /devk\.lock:2: must have either git or url/],
  [`sources:\n  - {git: a, commit: main, digest: ${digest}}`, /devk\.lock:2: commit/],
  ['sources:\n  - {url: a, digest: x}', /devk\.lock:2: digest/],
  [`sources:\n  - {url: [a], digest: ${digest}}`, /devk\.lock:2: url must be a string/],
])('a lock that cannot be read is refused with its line: %s', async (text, message) => {
  const { root, charts } = await project()
  await writeFile(join(root, 'devk.lock'), text)
  await expect(unfetchedSources([url('a')], root, charts)).rejects.toThrow(message)
})
