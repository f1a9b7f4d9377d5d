import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type IgnorePatterns, ignorePatterns } from '../../../../src/lib/ignore/patterns.ts'

interface Recorded {
  readonly paths: readonly string[]
  readonly cases: readonly { readonly text: string; readonly ignored: readonly string[] | null }[]
}

const recorded: Recorded = JSON.parse(
  readFileSync(new URL('../../../fixtures/moby/ignore-patterns.json', import.meta.url), 'utf8'),
)

test('random files leave out what they leave out for BuildKit, or are refused', () => {
  let compared = 0
  for (const { text, ignored } of recorded.cases) {
    const read = ignorePatterns(text)
    if ('mistake' in read) continue
    compared += 1
    expect([text, recorded.paths.filter((path) => read.ignores(path))]).toEqual([text, ignored])
  }
  expect(compared).toBeGreaterThan(280)
})

test('what BuildKit accepts is refused only for brackets and backslashes that mean something else', () => {
  const refused = recorded.cases.filter(({ text, ignored }) => ignored !== null && 'mistake' in ignorePatterns(text))
  expect(refused.length).toBeLessThan(10)
  for (const { text } of refused) expect(text).toMatch(/[[\\]/)
})

const rules = (text: string) => ignorePatterns(text) as IgnorePatterns

test.each([
  ['c++/', 'c++/a', true],
  ['app/(auth)', 'app/(auth)/page.tsx', true],
  ['app/\\[id\\]', 'app/[id]/page.tsx', true],
  ['app/[id]', 'app/[id]/page.tsx', false],
  ['$a.^b', '$a.^b', true],
  ['.', 'a', false],
  ['sub\r\nignored', 'sub/x', true],
  ['./sub', 'sub/x', true],
  ['x/../docs', 'docs/a', true],
  ['ignored/*\n!ignored/*/', 'ignored/x', false],
  ['**\n!file*.txt', 'sub/file1.txt', true],
  ['  # no comment', '# no comment', true],
])('with %j, %s is left out: %s', (text, path, ignored) => {
  expect(rules(text).ignores(path)).toBe(ignored)
})

test.each([
  ['a\n\n[', 3, 'the pattern "[" is not valid: a [ has no matching ]; write \\[ for the bracket itself'],
  ['!', 1, 'the pattern "!" is not valid: there is nothing behind the !'],
  ['a\\', 1, 'the pattern "a\\\\" is not valid: a backslash stands in front of nothing'],
  ['[z-a]', 1, 'a range in brackets is not in order'],
  ['[a-]', 1, 'a range in brackets has no end'],
])('%j is refused', (text, line, message) => {
  expect(ignorePatterns(text)).toMatchObject({ mistake: { line, message: expect.stringContaining(message) } })
})

test('any text is read or refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'a/.*?[]^-!\\#(){}|+$ \n'), maxLength: 30 }), (text) => {
      const read = ignorePatterns(text)
      if (!('mistake' in read)) read.ignores('a/b/c')
    }),
    { numRuns: 1000 },
  )
})

test('nothing below an ignored folder comes back where mayReturnBelow says so', () => {
  const name = fc.constantFrom('a', 'b', 'c')
  const path = fc.array(name, { minLength: 2, maxLength: 4 })
  const line = fc
    .tuple(fc.boolean(), fc.array(fc.constantFrom('a', 'b', '*', '**', '?'), { minLength: 1, maxLength: 3 }))
    .map(([isReturn, parts]) => `${isReturn ? '!' : ''}${parts.join('/')}`)
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), path, (lines, parts) => {
      const read = rules(lines.join('\n'))
      for (let depth = 1; depth < parts.length; depth += 1) {
        const folder = parts.slice(0, depth).join('/')
        if (read.ignores(folder) && !read.mayReturnBelow(folder)) expect(read.ignores(parts.join('/'))).toBe(true)
      }
    }),
    { numRuns: 1000 },
  )
})
