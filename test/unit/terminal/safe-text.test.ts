import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safeName, safeStream, safeText } from '../../../src/terminal/safe-text.ts'

test.each([
  ['clears the screen', '\u001b[2Jgone', '\\u001b[2Jgone'],
  ['writes to the clipboard', '\u001b]52;c;cm0gLXJm\u0007', '\\u001b]52;c;cm0gLXJm\\u0007'],
  ['asks the terminal a question', '\u001b]11;?\u001b\\', '\\u001b]11;?\\u001b\\'],
  ['sets the title in C1 characters', '\u009d0;title\u009c', '\\u009d0;title\\u009c'],
  ['returns to the start of the line', 'evil\rgood\n', 'evil\\u000dgood\n'],
  ['reverses the direction of text', 'a\u202eb', 'a\\u202eb'],
  ['hides text', '\u001b[8msecret', '\\u001b[8msecret'],
  ['makes text blink among colors', '\u001b[31;5mred', '\\u001b[31;5mred'],
])('what %s is shown, and not obeyed', (_, text, shown) => {
  expect(safeText(text)).toBe(shown)
})

test.each([
  ['plain', 'plain text\twith a tab\n'],
  ['a color that ends', '\u001b[31mred\u001b[0m\n'],
  ['a color that ends by its own code', '\u001b[1;32mok\u001b[22;39m\n'],
  ['256 colors', '\u001b[38;5;8mdim\u001b[39m\n'],
  ['true color', '\u001b[48;2;8;5;6mdeep\u001b[m\n'],
])('%s stays as it is', (_, text) => {
  expect(safeText(text)).toBe(text)
})

test('a color ends with its line', () => {
  expect(safeText('\u001b[31mred\nnext\n')).toBe('\u001b[31mred\u001b[0m\nnext\n')
  expect(safeText('\u001b[31mred')).toBe('\u001b[31mred\u001b[0m')
})

test('the line breaks of Windows are line breaks', () => {
  expect(safeText('one\r\ntwo\r\r\n')).toBe('one\ntwo\n')
})

test('whatever is written, only colors, tabs and line breaks reach the terminal', () => {
  const pieces = fc.constantFrom(
    '\u001b',
    '\u009b',
    '[',
    ']',
    '0',
    '38',
    ';',
    '5',
    'm',
    'J',
    '\u0007',
    '\r',
    '\n',
    'a',
    '\u202e',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const shown = safeText(parts.join(''))
      const rest = shown.replaceAll(new RegExp(`\u001b${String.raw`\[[0-9;:]*m`}`, 'g'), '')
      expect(rest).not.toMatch(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u)
      expect(safeText(shown)).toBe(shown)
    }),
  )
})

test('JSON stays JSON with the same value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      expect(JSON.parse(safeText(JSON.stringify({ value })))).toEqual({ value })
    }),
  )
})

test('a name stays within its line', () => {
  expect(safeName('a\n✔ backend')).toBe('a\\u000a✔ backend')
})

test('a stream makes text safe, and passes bytes on', () => {
  const target = new PassThrough()
  const stream = safeStream(target)
  stream.write('\u001b[2J')
  stream.write(Buffer.from('\u001b[2J'))
  expect(String(target.read())).toBe('\\u001b[2J\u001b[2J')
  expect(stream.destroyed).toBe(false)
})
