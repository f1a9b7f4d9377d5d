import { expect, test } from 'vitest'
import { parseDuration } from '../../../src/lib/duration.ts'
import { cut, indented, padTo, widthOf, wrap } from '../../../src/lib/wrap.ts'

test('lines break at spaces, and long words stay whole', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
  expect(wrap('see /a/very/long/path/name now', 10)).toEqual(['see', '/a/very/long/path/name', 'now'])
  expect(wrap('a\n\nb', 10)).toEqual(['a', '', 'b'])
})

test('colours take no room, and each line closes and opens them again', () => {
  const red = (text: string) => `\u001B[31m${text}\u001B[39m`
  expect(wrap(`one ${red('two three')} four`, 13)).toEqual([`one ${red('two three')}`, 'four'])
  expect(wrap(`one ${red('two three')} four`, 9)).toEqual([`one ${red('two')}`, red('three'), 'four'])
})

test('wide characters count as two columns', () => {
  expect(wrap('日本語 日本語 日本語', 13)).toEqual(['日本語 日本語', '日本語'])
  expect(wrap('日本語 日本語', 10)).toEqual(['日本語', '日本語'])
})

test.each([
  ['letters', 'abc', 3],
  ['an accent of its own', 'e\u0301', 1],
  ['East Asian', '日本語', 6],
  ['an emoji', '🚀', 2],
  ['a family, which is one emoji', '👨‍👩‍👧', 2],
  ['a flag', '🇩🇪', 2],
  ['colour', '\u001B[31mred\u001B[39m', 3],
])('width of %s', (_name, text, width) => {
  expect(widthOf(text)).toBe(width)
  expect(padTo(text, 8)).toBe(text + ' '.repeat(8 - width))
})

test('text is indented, and indented lines are not broken', () => {
  expect(indented('a text that is broken\n  a command that stays whole', 2, 22)).toEqual([
    '  a text that is',
    '  broken',
    '    a command that stays whole',
  ])
})

test('a text that is too long is cut with an ellipsis', () => {
  expect(cut('abcdef', 6)).toBe('abcdef')
  expect(cut('abcdef', 4)).toBe('abc…')
  expect(cut('日本語', 6)).toBe('日本語')
  expect(cut('日本語', 5)).toBe('日本…')
  expect(cut('日本語', 4)).toBe('日…')
  expect(cut('go 🚀🚀', 5)).toBe('go …')
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
])('the duration %j is formatted', (text, expected) => {
  expect(parseDuration(text)).toBe(expected)
})
