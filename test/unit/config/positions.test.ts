import { expect, test } from 'vitest'
import { scanScript } from '../../../src/config/positions-script.ts'

test.each([
  ['export default { a: 1 }', ['a'], '1:18'],
  ['export default defineConfig({\n  a: { b: [1, { c: 2 }] } })', ['a', 'b', 1, 'c'], '2:17'],
  ['module.exports = { "a-b": { c } }', ['a-b', 'c'], '1:29'],
  ['const config: Config = {\n a: 1 }\nexport default config', ['a'], '2:2'],
  ['const config = defineConfig({ a: 1 })\nexport default config', ['a'], '1:31'],
  ['export default {\n ...base, [x]: { a: 1 }, fn(y) { return { b: 1 } }, a: f({ b: 2 }, [3]), z: 1 }', ['z'], '2:74'],
  ["export default { a: 'it\\'s }', /* { */ b: `\n}`, // }\n c: 1 }", ['c'], '3:2'],
])('the position of a key is found in %j', (text, path, place) => {
  const at = scanScript(text).find(path)
  expect(at && `${at.line}:${at.column}`).toBe(place)
})

test('a key is a duplicate only within one object', () => {
  expect(scanScript('export default { a: { x: 1 }, b: { x: 1 } }').duplicates).toEqual([])
  expect(scanScript('export default { a: { x: 1, x: 2 } }').duplicates).toHaveLength(1)
})

test.each(['export default function () {}', 'export default {', 'export default { a: "', 'export default x', ''])(
  'a script that cannot be parsed statically has no positions: %j',
  (text) => {
    const map = scanScript(text)
    expect([map.find(['a']), map.duplicates]).toEqual([undefined, []])
  },
)
