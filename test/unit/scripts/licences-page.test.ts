import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { licencesPage } from '../../../scripts/pages/licences.ts'

// It bundles devk, to see which packages are in it.
test('docs/licences.md is up to date (node scripts/docs.ts)', { timeout: 60_000 }, async () => {
  expect(readFileSync('docs/licences.md', 'utf8')).toBe(await licencesPage(process.cwd()))
})
