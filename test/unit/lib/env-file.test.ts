import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readEnvFile } from '../../../src/lib/env-file.ts'

interface Recorded {
  readonly text: string
  readonly values: Readonly<Record<string, string>> | null
}

const recorded: Recorded[] = JSON.parse(
  readFileSync(new URL('../../fixtures/compose/env-files.json', import.meta.url), 'utf8'),
)

test('random files have the values that Docker Compose reads, or are refused', () => {
  let compared = 0
  for (const { text, values } of recorded) {
    const found = readEnvFile(text)
    if ('mistake' in found) continue
    compared += 1
    expect(found.values, JSON.stringify(text)).toEqual(values)
  }
  expect(compared).toBeGreaterThan(200)
})

test('what Docker Compose reads is refused only for text that it would drop or misplace', () => {
  const refused = recorded.filter(({ text, values }) => values !== null && 'mistake' in readEnvFile(text))
  expect(refused.length).toBeLessThan(5)
})

test.each([
  ['A=abc', 'abc'],
  ['A=p#ssw0rd', 'p#ssw0rd'],
  ['A=abc # comment', 'abc'],
  ['A="p # w" # c', 'p # w'],
  [`A='a$b "c" #d'`, 'a$b "c" #d'],
  ['A=pa$$word', 'pa$$word'],
  ['A="$2y$10$abc"', '$2y$10$abc'],
  [String.raw`A="\$x"`, '$x'],
  ['A=postgres://u:p%23@h:5432/db?sslmode=disable#x', 'postgres://u:p%23@h:5432/db?sslmode=disable#x'],
  ['A=b=c', 'b=c'],
  ['A=', ''],
  ['A = padded  ', 'padded'],
  ['export A=1', '1'],
  ['export=1\nA=2', '2'],
  [String.raw`A="one\ntwo"`, 'one\ntwo'],
  ['A="-----BEGIN\nline2\n-----END"', '-----BEGIN\nline2\n-----END'],
  ['A={"a":"b"}', '{"a":"b"}'],
  [String.raw`A=C:\path\new`, String.raw`C:\path\new`],
  [`A=it's`, `it's`],
  ['\uFEFFA=grün\r\n', 'grün'],
  ['A=1\nA=2', '2'],
  ['A: yaml', 'yaml'],
])('%j', (text, value) => {
  expect(readEnvFile(text)).toMatchObject({ values: { A: value } })
})

describe('mistakes', () => {
  test.each([
    ['A=1\n\nSECRET', 3, 'the line has no "="'],
    ['# c\nmy key=hunter2', 2, '"my key" is not a name'],
    ['A="one\ntwo', 1, 'the value of A has no closing quote'],
    ['A=1\nB="x\ny" hunter2', 2, 'the value of B goes on behind the closing quote'],
    ['A=1\nB=\uFFFD', 2, 'the line is not UTF-8'],
  ])('%j', (text, line, message) => {
    const found = readEnvFile(text)
    expect(found).toMatchObject({ mistake: { line, message: expect.stringContaining(message) } })
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })
})

test('a value that was written with quotes is read unchanged', () => {
  const doubled = (value: string) => `"${value.replace(/[\\"$]/g, (character) => `\\${character}`)}"`
  const value = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\uFFFD'))
  const files = fc.dictionary(fc.stringMatching(/^[A-Za-z_][\w.-]{0,8}$/), value)
  fc.assert(
    fc.property(files, (values) => {
      const text = Object.entries(values).map(([name, each]) => `${name}=${doubled(each)}`)
      expect(readEnvFile(text.join('\n'))).toEqual({ values })
    }),
  )
})

test('any text is read or refused, in time that does not explode', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'A= \n"\'\\#$0n:'), maxLength: 60 }), (text) => {
      expect(readEnvFile(text)).toBeDefined()
    }),
  )
  const big = `A="${'\\n x'.repeat(300_000)}"`
  expect(readEnvFile(big)).toHaveProperty('values')
})
