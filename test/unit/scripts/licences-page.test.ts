import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { licencesPage } from '../../../scripts/pages/licences.ts'

// It bundles devk, to see which packages are in it.
test('docs/licences.md is up to date (node scripts/docs.ts)', { timeout: 60_000 }, async () => {
  expect(readFileSync('docs/licences.md', 'utf8')).toBe(await licencesPage(process.cwd()))
})

test('it has the packages of the page of devk ui as well', () => {
  const text = readFileSync('docs/licences.md', 'utf8')
  for (const name of ['preact', '@xterm/xterm', 'ws']) expect(text).toContain(`| ${name} | MIT |`)
})
