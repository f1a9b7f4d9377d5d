import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { settler } from '../../../src/watch/changes.ts'
import { knownTree } from '../../../src/watch/known-tree.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'devk-changes-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const at = (...names: string[]) => join(root, ...names)

/** A settler that knows this folder; `onFile` is called when it has looked at a file and not yet read it. */
function settlerOf(files: readonly string[], folders: readonly string[], onFile = (_path: string) => {}) {
  const known = knownTree()
  for (const name of files) known.files.set(at(name), { ctimeMs: 0, ino: 0, print: Number.NaN, walk: 0 })
  for (const name of folders) known.folders.set(at(name), statSync(at(name)).ino)
  return settler(known, {
    ignored(path, directory) {
      if (!directory) onFile(path)
      return false
    },
    follows: () => false,
    onReplaced: () => {},
  })
}

test('a file that goes with its folder while changes are looked at is deleted, and not changed', async () => {
  mkdirSync(at('d'))
  writeFileSync(at('d', 'f'), 'new')
  const { settle } = settlerOf(['d/f'], ['d'], () => rmSync(at('d'), { recursive: true }))
  const { changes } = await settle([at('d', 'f'), at('d')])
  expect(changes).toEqual([
    { path: at('d', 'f'), kind: 'deleted' },
    { path: at('d'), kind: 'deleted', directory: true },
  ])
})

test('a file in a folder that has taken the place of a file comes after the deletion of that file', async () => {
  mkdirSync(at('f', 'deep'), { recursive: true })
  writeFileSync(at('f', 'deep', 'inside'), 'new')
  const { settle } = settlerOf(['f'], [])
  expect((await settle([at('f', 'deep', 'inside')])).changes).toEqual([
    { path: at('f'), kind: 'deleted' },
    { path: at('f', 'deep', 'inside'), kind: 'changed' },
  ])
})

test('a file that comes after it was looked at, and before its folder is, is found', async () => {
  mkdirSync(at('d'))
  writeFileSync(at('other'), '')
  const { settle } = settlerOf([], ['d'], () => writeFileSync(at('d', 'f'), 'new'))
  const { changes } = await settle([at('d', 'f'), at('other'), at('d')])
  expect(changes).toContainEqual({ path: at('d', 'f'), kind: 'changed' })
})
