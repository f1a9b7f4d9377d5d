import { execFileSync } from 'node:child_process'
import { chmodSync, lstatSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { put, startWatch } from './watch-tree-support.ts'

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
  [
    'a save of vim, with its backup and its swap file',
    (root: string) => {
      put(root, 'a/.x.swp', '')
      put(root, 'a/4913', '')
      rmSync(join(root, 'a/4913'))
      renameSync(join(root, 'a/x'), join(root, 'a/x~'))
      put(root, 'a/x', '2')
      rmSync(join(root, 'a/x~'))
      rmSync(join(root, 'a/.x.swp'))
    },
    ['changed a/x'],
  ],
  ['a link to a folder with files', (root: string) => symlinkSync('/etc', join(root, 'link')), ['changed link']],
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
  const { root, upTo } = await startWatch({ 'a/x': '1', 'a/s/y': '1', 'node_modules/y': '1' })
  act(root)
  expect((await upTo('last')).sort()).toEqual(expected)
})

test('a folder that was deleted and created again is watched', async () => {
  const { root, upTo } = await startWatch({ 'a/s/y': '1' })
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
  const { upTo } = await startWatch({ 'a/x': '1' }, { since: Date.now() - 60_000 })
  expect(await upTo('last')).toEqual(['changed a/x'])
})

test('misses none of 10,000 files, although the kernel drops events', { timeout: 60_000 }, async () => {
  const { root, batches, upTo } = await startWatch({ x: '' }, { queueLimit: 1000 })
  for (let folder = 0; folder < 100; folder += 1) {
    for (let file = 0; file < 100; file += 1) put(root, `f${folder}/${file}`, 'x')
  }
  while (batches.flat().length < 10_000) await sleep(20)
  const seen = await upTo('last')
  expect(new Set(seen).size).toBe(10_000)
  expect(batches.length).toBeLessThan(60)
})

test('a switch of branches is one batch of the files that differ, and back again', async () => {
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`src/f${index}.py`, `${index}`]))
  const { root, batches, upTo } = await startWatch(files, { ignored: (path) => path.includes('.git') })
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      cwd: root,
      stdio: 'ignore',
    })
  git('init', '--initial-branch', 'main')
  git('add', 'src')
  git('commit', '--message', 'one')
  git('switch', '--create', 'other')
  for (const index of [0, 1, 2, 3, 4]) put(root, `src/f${index}.py`, 'other')
  git('commit', '--all', '--message', 'two')
  await upTo('made')
  const changed = [0, 1, 2, 3, 4].map((index) => `changed src/f${index}.py`)
  for (const branch of ['main', 'other']) {
    batches.length = 0
    git('switch', branch)
    // What git wrote with the same content would be in a batch as well.
    for (let index = 0; index < 300; index += 1) utimesSync(join(root, `src/f${index}.py`), new Date(), new Date())
    expect((await upTo(`at ${branch}`)).sort()).toEqual(changed)
  }
})

test('without events of the kernel it checks by itself', async () => {
  const { root, upTo } = await startWatch({ 'a/x': '1', 'a/y': '1' }, { poll: true })
  put(root, 'a/x', '2')
  put(root, 'b/z', '1')
  rmSync(join(root, 'a/y'))
  expect((await upTo('last')).sort()).toEqual(['changed a/x', 'changed b/z', 'deleted a/y'])
})

test('a file that is saved again with the same content is told apart from a change', async () => {
  const { root, batches, saved, upTo } = await startWatch({ x: '1' })
  await upTo('last')
  batches.length = 0
  const before = lstatSync(join(root, 'x')).ctimeMs
  put(root, 'x', '1')
  while (saved.length === 0) await sleep(10)
  const path = join(root, 'x')
  expect([batches.flat(), saved]).toEqual([[], [{ path, before, after: lstatSync(path).ctimeMs }]])
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
  const { batches } = await startWatch({}, { roots: [root], listings: [listing], since: Date.now() + 60_000 })
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
  await startWatch({}, { fileSystem: async () => 0x6969, onWarning: ({ message }) => void warnings.push(message) })
  expect(warnings).toEqual([expect.stringMatching(/\(nfs\) that may not report changes; devk also checks/)])
})
