import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorsPage } from '../../scripts/pages/errors.ts'
import { errorCodes } from '../../src/error-codes.ts'

test('docs/errors.md is up to date (node scripts/docs.ts)', () => {
  expect(readFileSync('docs/errors.md', 'utf8')).toBe(errorsPage())
})

test('each code has a heading, so that its anchor can be linked', () => {
  const headings = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^## (\w+)$/gm)].map(([, code]) => code)
  expect(headings).toEqual(Object.keys(errorCodes).sort())
})

test.each(Object.entries(errorCodes))('%s has a cause and a fix, in sentences', (_code, { cause, fix }) => {
  expect(cause).toMatch(/\w.{20,}\.$/s)
  expect(fix).toMatch(/\w.{20,}\.$/s)
})
