import { expect, test } from 'vitest'
import type { DevkError } from '../../../src/errors.ts'
import { parseYaml } from '../../../src/manifests/yaml.ts'

// The expected values are what kubectl 1.34 prints for the same text (kubectl annotate --local -o json).
test.each([
  ['on', true],
  ['y', true],
  ['No', false],
  ['012', 10],
  ['08', 8],
  ['0b11', 3],
  ['0xff', 255],
  ['1_000', 1000],
  ['1e3', 1000],
  ['.5', 0.5],
  ['12:30:45', '12:30:45'],
  ['22:22', '22:22'],
  ['2001-01-01', '2001-01-01'],
  ['~', null],
  ['"on"', 'on'],
  ['1e380', '1e380'],
  ['-1e400', '-1e400'],
  ['9'.repeat(400), '9'.repeat(400)],
  [`${'9'.repeat(400)}.5`, `${'9'.repeat(400)}.5`],
])('%s is read as kubectl reads it', (text, value) => {
  expect(parseYaml(`a: ${text}`, 'x.yaml')).toEqual([{ value: { a: value }, line: 1 }])
})

test('a boolean key becomes text, and merge keys are merged', () => {
  expect(parseYaml('on: 1\nm: {<<: {x: 1}, z: 2}', 'x.yaml')[0]?.value).toEqual({ true: 1, m: { x: 1, z: 2 } })
})

test('documents keep their lines, and empty ones are left out', () => {
  const text = '# head\n---\n\na: 1\n---\n# nothing\n---\nb: 2\n'
  expect(parseYaml(text, 'x.yaml')).toEqual([
    { value: { a: 1 }, line: 4 },
    { value: { b: 2 }, line: 8 },
  ])
  expect(parseYaml('', 'x.yaml')).toEqual([])
  expect(parseYaml('# nothing but this\n---\n# and this\n', 'x.yaml')).toEqual([])
})

test('a byte order mark and the line ends of Windows are no part of a document', () => {
  const text = '\uFEFF# head\r\n---\r\na: one\r\nb: |\r\n  two\r\n  three\r\n'
  expect(parseYaml(text, 'x.yaml')).toEqual([{ value: { a: 'one', b: 'two\nthree\n' }, line: 3 }])
})

test.each([
  ['a:\n\tb: 1\n', 'x.yaml:2:1: Tabs are not allowed as indentation', 'Indent with spaces'],
  ['a: 1\nb: 2\na: 3\n', 'x.yaml:3:1: Map keys must be unique', 'Remove one of the two'],
  ['a: {b: 1\n', 'x.yaml:2:1:', 'Align it'],
  ['a: b: c\n', 'x.yaml:1:4:', 'Correct the indentation'],
])('the error of %j has a position and a fix', (text, where, mend) => {
  const error = caught(() => parseYaml(text, 'x.yaml'))
  expect(error).toMatchObject({ code: 'MANIFEST_INVALID' })
  expect(error.details[0]).toContain(where)
  expect(error.hint).toContain(mend)
})

const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
for (let level = 1; level < 12; level++) bomb.push(`a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`)

test.each([
  ['a: &x 1\n---\nb: *x\n', 'x.yaml:3:4: Alias *x has no anchor in this document', 'into the same document'],
  ['a: &x [1, *x]\n', 'x.yaml:1:11: Alias *x is part of its own anchor', 'in place of the alias'],
  ['a: 1\n<<: 5\n', 'x.yaml:2:1: << merges mappings, and this is none', 'a mapping or an alias of one'],
  ['a: &x 1\nb: {<<: [{c: 2}, *x]}\n', 'x.yaml:2:5: << merges mappings', 'a mapping or an alias of one'],
  ['a: 1\nb: {[c]: 2}\n', 'x.yaml:2:5: A mapping or list is no key', 'Put quotes around the key'],
  ['image: {{name}}\n', 'x.yaml:1:9: A mapping or list is no key', 'It is a template'],
  ['a: &x {b: 1}\n*x : 2\n', 'x.yaml:2:1: A mapping or list is no key', 'Put quotes around the key'],
  [bomb.join('\n'), 'The aliases stand for too many values', 'fewer aliases'],
  [`${'['.repeat(50_000)}`, 'x.yaml', ''],
])('aliases and merges that cannot be read are refused: %#', (text, where, mend) => {
  const error = caught(() => parseYaml(text, 'x.yaml'))
  expect(error).toMatchObject({ code: 'MANIFEST_INVALID' })
  expect(error.details[0]).toContain(where)
  expect(error.hint).toContain(mend)
})

test('<< merges one mapping or several', () => {
  const [document] = parseYaml('a: &x {b: 1}\nc: {<<: *x}\nd: {<<: [*x, {e: 2}]}\nf: {"<<": 5}\n', 'x.yaml')
  expect(document?.value).toMatchObject({ c: { b: 1 }, d: { b: 1, e: 2 }, f: { '<<': 5 } })
})

test('a document may use an anchor hundreds of times, as for kubectl', () => {
  const uses = Array.from({ length: 500 }, (_, index) => `k${index}: *x`)
  const [document] = parseYaml(`a: &x {b: 1}\n${uses.join('\n')}`, 'x.yaml')
  expect(document?.value).toMatchObject({ k499: { b: 1 } })
})

function caught(run: () => unknown): DevkError {
  try {
    run()
  } catch (error) {
    return error as DevkError
  }
  throw new Error('nothing was thrown')
}

test('a template is called one', () => {
  const hint = (text: string) => {
    try {
      parseYaml(text, 'x.yaml')
    } catch (error) {
      return (error as DevkError).hint
    }
    return undefined
  }
  expect(hint('a: b\n{{- if .Values.a }}\nc: d\n{{- end }}\n')).toMatch(/^It is a template/)
  expect(hint('# {{ a }}\nb: "c\n')).not.toMatch(/^It is a template/)
})
