import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { type WatchOptions, watchTree } from '../../../src/watch/watch-tree.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
}, 60_000)

/** A watched folder with old files, and the changes that the watch reports. */
async function start(files: Record<string, string>, more: Partial<WatchOptions> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'devk-watch-'))
  const done = new AbortController()
  ends.push(() => {
    done.abort()
    rmSync(root, { recursive: true, force: true })
  })
  for (const [path, text] of Object.entries(files)) put(root, path, text)
  await sleep(60)
  const batches: string[][] = []
  const waiting: (() => void)[] = []
  await watchTree({
    ignored: (path) => path.includes('node_modules'),
    onBatch(changes) {
      batches.push(changes.map(({ kind, path }) => `${kind} ${path.slice(root.length + 1)}`))
      for (const wake of waiting.splice(0)) wake()
    },
    onWarning: (warning) => expect.fail(warning.message),
    now: Date.now,
    signal: done.signal,
    ...more,
    roots: (more.roots ?? ['']).map((path) => resolve(root, path)),
    follow: (more.follow ?? []).map((path) => resolve(root, path)),
  })
  await sleep(60)
  const seen = () => batches.flat()
  /** Makes one last change that is certainly reported, so that all earlier changes have been reported by then. */
  const upTo = async (last: string): Promise<string[]> => {
    put(root, last, String(Math.random()))
    while (!seen().includes(`changed ${last}`)) await new Promise<void>((resolve) => waiting.push(resolve))
    return seen().filter((line) => line !== `changed ${last}`)
  }
  return { root, batches, upTo }
}

function put(root: string, path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

test.each([
  ['a save', (root: string) => put(root, 'a/x', '2'), ['changed a/x']],
  ['a save of the same content', (root: string) => put(root, 'a/x', '1'), []],
  ['a touch', (root: string) => utimesSync(join(root, 'a/x'), new Date(), new Date()), []],
  ['a mode', (root: string) => chmodSync(join(root, 'a/x'), 0o755), ['changed a/x']],
  [
    "an editor's atomic save",
    (root: string) => {
      put(root, 'a/.x.tmp', '3')
      renameSync(join(root, 'a/.x.tmp'), join(root, 'a/x'))
    },
    ['changed a/x'],
  ],
  ['a deletion', (root: string) => rmSync(join(root, 'a/x')), ['deleted a/x']],
  ['an ignored folder', (root: string) => put(root, 'node_modules/y', '2'), []],
  ['a link', (root: string) => symlinkSync('/nowhere', join(root, 'link')), ['changed link']],
  ['new folders', (root: string) => put(root, 'n/m/o/f', ''), ['changed n/m/o/f']],
  [
    'a renamed folder',
    (root: string) => renameSync(join(root, 'a'), join(root, 'b')),
    ['changed b/s/y', 'changed b/x', 'deleted a', 'deleted a/s', 'deleted a/s/y', 'deleted a/x'],
  ],
  [
    'a deleted folder',
    (root: string) => rmSync(join(root, 'a'), { recursive: true }),
    ['deleted a', 'deleted a/s', 'deleted a/s/y', 'deleted a/x'],
  ],
  ['an odd name', (root: string) => put(root, '-rf \n"\' é', '2'), ['changed -rf \n"\' é']],
  [
    'a file that comes and goes',
    (root: string) => {
      put(root, 'tmp', '')
      rmSync(join(root, 'tmp'))
    },
    [],
  ],
])('the watcher reports the changes of %s', async (_name, act, expected) => {
  const { root, upTo } = await start({ 'a/x': '1', 'a/s/y': '1', 'node_modules/y': '1' })
  act(root)
  expect((await upTo('last')).sort()).toEqual(expected)
})

test('a folder that was deleted and created again is watched', async () => {
  const { root, upTo } = await start({ 'a/s/y': '1' })
  rmSync(join(root, 'a'), { recursive: true })
  await upTo('one')
  put(root, 'a/s/y', '2')
  await upTo('two')
  await sleep(50)
  put(root, 'a/s/y', '3')
  const seen = await upTo('three')
  expect(seen.filter((line) => line === 'changed a/s/y')).toHaveLength(2)
})

test('reports changes since an earlier moment at the start', async () => {
  const { upTo } = await start({ 'a/x': '1' }, { since: Date.now() - 60_000 })
  expect(await upTo('last')).toEqual(['changed a/x'])
})

test('misses none of 10,000 files, although the kernel drops events', { timeout: 60_000 }, async () => {
  const { root, batches, upTo } = await start({ x: '' }, { queueLimit: 1000 })
  for (let folder = 0; folder < 100; folder += 1) {
    for (let file = 0; file < 100; file += 1) put(root, `f${folder}/${file}`, 'x')
  }
  while (batches.flat().length < 10_000) await sleep(20)
  const seen = await upTo('last')
  expect(new Set(seen).size).toBe(10_000)
  expect(batches.length).toBeLessThan(60)
})

test('without events of the kernel it checks by itself', async () => {
  const { root, upTo } = await start({ 'a/x': '1', 'a/y': '1' }, { poll: true })
  put(root, 'a/x', '2')
  put(root, 'b/z', '1')
  rmSync(join(root, 'a/y'))
  expect((await upTo('last')).sort()).toEqual(['changed a/x', 'changed b/z', 'deleted a/y'])
})

test('a file that is saved again with the same content is told apart from a change', async () => {
  const again: string[] = []
  const { root, batches, upTo } = await start({ x: '1' }, { onSaved: (paths) => void again.push(...paths) })
  await upTo('last')
  batches.length = 0
  put(root, 'x', '1')
  while (again.length === 0) await sleep(10)
  expect([batches, again]).toEqual([[], [join(root, 'x')]])
})

/** What the watcher reports of saves in `path`, made until it reports one. */
async function savedUntilSeen(batches: readonly string[][], root: string, path: string): Promise<void> {
  for (let i = 0; !batches.flat().includes(`changed ${path}`); i += 1) {
    put(root, path, `save ${i}`)
    await sleep(100)
  }
}

test('a folder that is replaced at once is watched', { timeout: 10_000 }, async () => {
  const { root, batches, upTo } = await start({ 'a/s/x': '1', 'a/s/y': '1', 'other/s/x': '2' }, { ignored: isOther })
  renameSync(join(root, 'a'), join(root, 'other/old'))
  renameSync(join(root, 'other'), join(root, 'a'))
  expect((await upTo('one')).sort()).toContain('deleted a/s/y')
  batches.length = 0
  await savedUntilSeen(batches, root, 'a/s/x')
})
const isOther = (path: string) => /\/other(\/|$)/.test(path)

test('a root that is replaced at once is watched', { timeout: 10_000 }, async () => {
  const { root, batches } = await start({ 'ctx/x': '1', 'ctx/y': '1', 'other/x': '2' }, { roots: ['ctx'] })
  renameSync(join(root, 'ctx'), join(root, 'old'))
  renameSync(join(root, 'other'), join(root, 'ctx'))
  while (batches.flat().length < 2) await sleep(20)
  expect(batches.flat().sort()).toEqual(['changed ctx/x', 'deleted ctx/y'])
  batches.length = 0
  await savedUntilSeen(batches, root, 'ctx/x')
})

test.each([
  ['a root', { roots: ['ctx'] }, 'ctx'],
  ['a folder that a sync names', { roots: ['ctx'], follow: ['ctx/src'] }, 'ctx/src'],
])('%s that is replaced by a link is followed', { timeout: 10_000 }, async (_name, options, path) => {
  const { root, batches } = await start({ [`${path}/x`]: '1', [`${path}/y`]: '1', 'other/x': '2' }, options)
  rmSync(join(root, path), { recursive: true })
  symlinkSync(join(root, 'other'), join(root, path))
  while (!batches.flat().includes(`changed ${path}/x`)) await sleep(20)
  expect(batches.flat()).toContain(`deleted ${path}/y`)
  expect(batches.flat()).not.toContain(`changed ${path}`)
  batches.length = 0
  put(root, 'other/x', '3')
  while (batches.flat().length === 0) await sleep(20)
  expect(batches.flat()).toEqual([`changed ${path}/x`])
  // The link leads to another place now.
  put(root, 'third/z', '1')
  rmSync(join(root, path))
  symlinkSync(join(root, 'third'), join(root, path))
  while (!batches.flat().includes(`changed ${path}/z`)) await sleep(20)
  expect(batches.flat()).toContain(`deleted ${path}/x`)
})

test('a root that is a file is watched through its replacement, and one that does not exist until it does', async () => {
  const { root, batches } = await start({ 'a/env': '1', 'a/other': '1' }, { roots: ['a/env', 'b/c/late'] })
  put(root, 'a/env.tmp', '2')
  renameSync(join(root, 'a/env.tmp'), join(root, 'a/env'))
  put(root, 'a/other', '2')
  put(root, 'b/other', '2')
  put(root, 'b/c/late', '1')
  while (new Set(batches.flat()).size < 2) await sleep(20)
  expect(batches.flat().sort()).toEqual(['changed a/env', 'changed b/c/late'])
})

test('what differs from a listing is reported: new, moved, changed and deleted files', async () => {
  const root = mkdtempSync(join(tmpdir(), 'devk-lists-'))
  for (const path of ['same', 'gone', 'folder/x', 'moved/y', 'saved']) put(root, path, '1')
  const files = ['same', 'gone', 'folder/x', 'moved/y', 'saved'].map((path) => join(root, path))
  const listing = {
    files: new Map(files.map((path) => [path, lstatSync(path).ctimeMs])),
    folders: [join(root, 'folder'), join(root, 'moved')],
    covers: () => true,
  }
  rmSync(join(root, 'gone'))
  rmSync(join(root, 'folder'), { recursive: true })
  renameSync(join(root, 'moved'), join(root, 'there'))
  await sleep(30)
  put(root, 'saved', '2')
  // The folder of the test's own root has a name of the same length.
  const { batches } = await start({}, { roots: [root], listings: [listing], since: Date.now() + 60_000 })
  put(root, 'last', '1')
  while (!batches.flat().includes('changed last')) await sleep(10)
  expect(batches.flat().sort()).toEqual([
    'changed last',
    'changed saved',
    'changed there/y',
    'deleted folder',
    'deleted folder/x',
    'deleted gone',
    'deleted moved',
    'deleted moved/y',
  ])
  rmSync(root, { recursive: true })
})

test('where the kernel may be silent, it says so and also checks by itself', async () => {
  const warnings: string[] = []
  await start({}, { fileSystem: async () => 0x6969, onWarning: ({ message }) => void warnings.push(message) })
  expect(warnings).toEqual([expect.stringMatching(/\(nfs\) that may not report changes; devk also checks/)])
})

test('a socket and a pipe are no files, and one that replaces a file deletes it', async () => {
  const { root, upTo } = await start({ x: '1', y: '1' })
  const server = createServer().listen(join(root, 'socket'))
  ends.push(() => void server.close())
  rmSync(join(root, 'x'))
  execFileSync('sh', ['-c', 'mkfifo x pipe'], { cwd: root })
  expect(await upTo('last')).toEqual(['deleted x'])
})

test('a pipe that existed at the start and is deleted is no change', async () => {
  const root = mkdtempSync(join(tmpdir(), 'devk-pipe-'))
  ends.push(() => rmSync(root, { recursive: true }))
  execFileSync('sh', ['-c', 'mkfifo pipe'], { cwd: root })
  const { upTo } = await start({ x: '1' }, { roots: ['', root] })
  rmSync(join(root, 'pipe'))
  expect(await upTo('last')).toEqual([])
})

test('a name that is not UTF-8 is told once', async () => {
  const warnings: string[] = []
  const root = mkdtempSync(join(tmpdir(), 'devk-names-'))
  ends.push(() => rmSync(root, { recursive: true }))
  const bytes = (name: string) => Buffer.concat([Buffer.from(`${root}/${name}`), Buffer.from([0xff])])
  writeFileSync(bytes('a'), '1')
  await start({}, { roots: [root], onWarning: ({ message }) => void warnings.push(message) })
  writeFileSync(bytes('b'), '1')
  await sleep(200)
  expect(warnings).toEqual([expect.stringContaining('is not UTF-8')])
})
