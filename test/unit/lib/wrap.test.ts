import { expect, test } from 'vitest'
import { parseDuration } from '../../../src/lib/duration.ts'
import { cut, indented, wrap } from '../../../src/lib/wrap.ts'

test('breaks at spaces and keeps long words whole', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
  expect(wrap('see /a/very/long/path/name now', 10)).toEqual(['see', '/a/very/long/path/name', 'now'])
  expect(wrap('a\n\nb', 10)).toEqual(['a', '', 'b'])
})

test('indents, and leaves indented lines unbroken', () => {
  expect(indented('a text that is broken\n  a command that stays whole', 2, 22)).toEqual([
    '  a text that is',
    '  broken',
    '    a command that stays whole',
  ])
})

test('cuts with an ellipsis', () => {
  expect(cut('abcdef', 6)).toBe('abcdef')
  expect(cut('abcdef', 4)).toBe('abc…')
})

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['', undefined],
  ['10', undefined],
  ['soon', undefined],
  ['-5s', undefined],
])('duration %j', (text, expected) => {
  expect(parseDuration(text)).toBe(expected)
})
