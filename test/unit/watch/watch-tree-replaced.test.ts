import { renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { put, startWatch } from './watch-tree-support.ts'

/** What the watcher reports of saves in `path`, made until it reports one. */
async function savedUntilSeen(batches: readonly string[][], root: string, path: string): Promise<void> {
  for (let i = 0; !batches.flat().includes(`changed ${path}`); i += 1) {
    put(root, path, `save ${i}`)
    await sleep(100)
  }
}

test('a folder that is replaced at once is watched', { timeout: 10_000 }, async () => {
  const { root, batches, upTo } = await startWatch(
    { 'a/s/x': '1', 'a/s/y': '1', 'other/s/x': '2' },
    { ignored: isOther },
  )
  renameSync(join(root, 'a'), join(root, 'other/old'))
  renameSync(join(root, 'other'), join(root, 'a'))
  expect((await upTo('one')).sort()).toContain('deleted a/s/y')
  batches.length = 0
  await savedUntilSeen(batches, root, 'a/s/x')
})
const isOther = (path: string) => /\/other(\/|$)/.test(path)

test('a root that is replaced at once is watched', { timeout: 10_000 }, async () => {
  const { root, batches } = await startWatch({ 'ctx/x': '1', 'ctx/y': '1', 'other/x': '2' }, { roots: ['ctx'] })
  renameSync(join(root, 'ctx'), join(root, 'old'))
  renameSync(join(root, 'other'), join(root, 'ctx'))
  while (batches.flat().length < 2) await sleep(20)
  expect(batches.flat().sort()).toEqual(['changed ctx/x', 'deleted ctx/y'])
  batches.length = 0
  await savedUntilSeen(batches, root, 'ctx/x')
})

test('a file of a replaced folder is another one, also with the same time of change', async () => {
  let sameTime = false
  const { root, upTo } = await startWatch(
    { 'a/x': '1', 'new/x': '2' },
    {
      prepare(folder) {
        const [old, next] = [join(folder, 'a/x'), join(folder, 'new/x')]
        for (let i = 0; i < 100_000 && !sameTime; i += 1) {
          writeFileSync(old, '1')
          writeFileSync(next, '2')
          sameTime = statSync(old).ctimeMs === statSync(next).ctimeMs
        }
      },
    },
  )
  expect(sameTime).toBe(true)
  renameSync(join(root, 'a'), join(root, 'node_modules'))
  renameSync(join(root, 'new'), join(root, 'a'))
  expect(await upTo('last')).toContain('changed a/x')
})

test.each([
  ['a root', { roots: ['ctx'] }, 'ctx'],
  ['a folder that a sync names', { roots: ['ctx'], follow: ['ctx/src'] }, 'ctx/src'],
])('%s that is replaced by a link is followed', { timeout: 10_000 }, async (_name, options, path) => {
  const { root, batches } = await startWatch({ [`${path}/x`]: '1', [`${path}/y`]: '1', 'other/x': '2' }, options)
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
  const { root, batches } = await startWatch({ 'a/env': '1', 'a/other': '1' }, { roots: ['a/env', 'b/c/late'] })
  put(root, 'a/env.tmp', '2')
  renameSync(join(root, 'a/env.tmp'), join(root, 'a/env'))
  put(root, 'a/other', '2')
  put(root, 'b/other', '2')
  put(root, 'b/c/late', '1')
  while (new Set(batches.flat()).size < 2) await sleep(20)
  expect(batches.flat().sort()).toEqual(['changed a/env', 'changed b/c/late'])
})
