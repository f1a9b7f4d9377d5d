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

const sentOf = (version: number) => new Map([['/a', version]])
const savedOf = (before: number, after: number) => [{ file: write('/a'), before, after }]

/** A tree whose one change is in the container `one`. */
function servedTree() {
  const tree = pendingTree()
  tree.add([write('/a')])
  tree.served('one', tree.mark())
  return tree
}

const sent2 = { sent: 2 }
const looked3 = { before: 1, after: 3 }

test.each([
  ['before the watch looks again', [sent2, looked3]],
  ['and known to be sent after it', [looked3, sent2]],
  ['while it changed', [{ sent: Number.NaN }, looked3]],
  ['several saves ago', [looked3, { before: 3, after: 4 }, sent2]],
])('a file that was read between two contents, %s, is sent again', (_, events) => {
  const tree = servedTree()
  for (const event of events) {
    if ('sent' in event) tree.sent(sentOf(event.sent))
    else tree.saved(savedOf(event.before, event.after), false)
  }
  expect(tree.missing('one').files).toEqual([write('/a')])
})

test('what has the content of the last look is not sent again when it is saved again', () => {
  const tree = servedTree()
  tree.sent(sentOf(1))
  tree.saved(savedOf(1, 3), false)
  tree.sent(sentOf(3))
  tree.saved(savedOf(3, 4), false)
  // Newer than the last look, which the next look tells of.
  tree.sent(sentOf(5))
  expect(tree.missing('one').files).toEqual([])
})

test('a file is sent again only once for a version that was passed over', () => {
  const tree = servedTree()
  tree.sent(sentOf(2))
  tree.saved(savedOf(1, 3), false)
  tree.served('one', tree.mark())
  tree.sent(sentOf(3))
  tree.saved(savedOf(3, 4), false)
  expect(tree.missing('one').files).toEqual([])
})
