import { expect, test } from 'vitest'
import { typedKeys } from '../../../../src/up/live/typed-keys.ts'

/** The keys in chunks that arrive 10 ms apart. */
function keysIn(...chunks: readonly string[]): string[] {
  const keys = typedKeys()
  return chunks.flatMap((chunk, index) => keys(chunk, index * 10))
}

test.each([
  ['the color of the background', '\u001b]11;rgb:1e1e/1e1e/1e1e\u001b\\'],
  ['the color, ended by BEL', '\u001b]4;1;rgb:cdcd/0000/0000\u0007'],
  ['a status string', '\u001bP1$r0;1q\u001b\\'],
  ['the position of the cursor', '\u001b[12;40R'],
  ['device attributes', '\u001b[?62;22c'],
  ['F1', '\u001bOP'],
  ['F2 of the Linux console', '\u001b[[B'],
  ['F5', '\u001b[15~'],
  ['the cursor key', '\u001b[A'],
  ['Alt and a key', '\u001bq'],
  ['a marked paste', '\u001b[200~qrs\u0003\n\u001b[201~'],
])('%s is no key', (_, sequence) => {
  expect(keysIn(sequence)).toEqual([])
  // Also when it arrives in pieces.
  expect(keysIn(...sequence)).toEqual([])
  expect(keysIn(sequence, 'q')).toEqual(['q'])
})

test('a paste that the terminal does not mark is no key', () => {
  expect(keysIn('restart; q')).toEqual([])
})

test('Ctrl-C counts, alone, among other keys and within a sequence', () => {
  expect(keysIn('\u0003')).toEqual(['\u0003'])
  expect(keysIn('ll\u0003')).toEqual(['\u0003'])
  expect(keysIn('\u001b]11;', '\u0003')).toEqual(['\u0003'])
})

test('a sequence without an end is over after half a second', () => {
  const keys = typedKeys()
  expect(keys('\u001b', 0)).toEqual([])
  expect(keys('q', 600)).toEqual(['q'])
})
