import { expect, test } from 'vitest'
import { pendingTree } from '../../../src/sync/pending-tree.ts'
import type { SyncFile } from '../../../src/sync/syncer.ts'

const write = (to: string): SyncFile => ({ kind: 'write', from: `/src${to}`, to })
const remove = (to: string): SyncFile => ({ kind: 'delete', to, directory: false })

test('a container needs the changes since its last delivery', () => {
  const tree = pendingTree()
  tree.add([write('/a'), write('/b')])
  const first = tree.missing('one')
  expect(first.files).toEqual([write('/a'), write('/b')])
  tree.served('one', first.upTo)
  tree.add([write('/c')])
  expect(tree.missing('one').files).toEqual([write('/c')])
  expect(tree.missing('two').files).toEqual([write('/a'), write('/b'), write('/c')])
})

test('only the newest change of a path is kept, in the order of the changes', () => {
  const tree = pendingTree()
  tree.add([write('/a'), write('/b')])
  tree.add([remove('/a')])
  expect(tree.missing('one').files).toEqual([write('/b'), remove('/a')])
})

test('a change during a delivery is still pending after it', () => {
  const tree = pendingTree()
  tree.add([write('/a')])
  const { upTo } = tree.missing('one')
  tree.add([write('/b')])
  tree.served('one', upTo)
  expect(tree.missing('one').files).toEqual([write('/b')])
})

test('a build settles the changes from before its start, and no others', () => {
  const tree = pendingTree()
  tree.add([write('/a')])
  const mark = tree.mark()
  tree.add([write('/b')])
  tree.built(mark)
  expect(tree.missing('new').files).toEqual([write('/b')])
})

test('containers that no longer exist are forgotten', () => {
  const tree = pendingTree()
  tree.add([write('/a')])
  tree.served('one', tree.mark())
  tree.keepOnly(new Set())
  expect(tree.missing('one').files).toEqual([write('/a')])
})
