import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sections } from '../../../tools/site/.vitepress/sections.ts'
import { documentBreaches, type Repository } from './document-rules.ts'

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly scripts: object }
const repository: Repository = {
  exists: existsSync,
  read: (path) => readFileSync(path, 'utf8'),
  scripts: new Set(Object.keys(scripts)),
}
const documents = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(file))

test.each(documents)('links, paths and scripts in %s exist', (file) => {
  expect(documentBreaches(file, repository)).toEqual([])
})

test('the site lists each page of docs/', () => {
  const pages = documents.flatMap((file) => /^docs\/([^/]+)\.md$/.exec(file)?.[1] ?? [])
  expect(Object.values(sections).flat().sort()).toEqual(pages.sort())
})

/** This repository with one more document. */
const plant = (text: string): Repository => ({
  ...repository,
  exists: (path) => path === 'planted.md' || existsSync(path),
  read: (path) => (path === 'planted.md' ? text : repository.read(path)),
})

test.each([
  ['[a file](missing.md)', 'missing.md'],
  ['[a heading](#missing)', '#missing'],
  ['[a heading elsewhere](README.md#missing)', 'README.md#missing'],
  ['`src/missing.ts`', 'src/missing.ts'],
  ['`src/missing/`', 'src/missing/'],
  ['`npm run missing`', 'npm run missing'],
])('the rules bite: %s', (planted, breach) => {
  expect(documentBreaches('planted.md', plant(planted))).toEqual([`planted.md: ${breach} leads nowhere`])
})

test('addresses, headings, patterns and names that stand for many files are no breaches', () => {
  const text = '# A `b.c`\n[x](https://example.org/y) [z](#a-bc) `src/*/x.ts` `src/NAME.ts` `kit/images/NAME/` `./src`'
  expect(documentBreaches('planted.md', plant(text))).toEqual([])
})
