import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ignoreRules, readIgnore } from '../../../../src/images/build/ignore.ts'

test.each([
  ['node_modules', 'node_modules/a/b.js', true],
  ['node_modules', 'app/node_modules', false],
  ['**/node_modules', 'app/node_modules/x', true],
  ['/dist', 'dist/x', true],
  ['*.md', 'README.md', true],
  ['*.md', 'docs/a.md', false],
  ['*.md\n!README.md', 'README.md', false],
  ['!README.md\n*.md', 'README.md', true],
  ['# note\n\n  spaced  ', 'spaced', true],
  ['Dist', 'dist', false],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['*\n!src', 'src/deep/file', false],
  ['\uFEFFsecret', 'secret', true],
])('with the rules %j, %s is ignored: %s', (text, path, ignored) => {
  expect(ignoreRules(text).ignores(path)).toBe(ignored)
})

test.each([
  ['docs\n!docs/keep/a.md', 'docs', true],
  ['docs\n!docs/keep/a.md', 'docs/keep', true],
  ['docs\n!docs/keep/a.md', 'docs/other', false],
  ['node_modules\n!docs/a.md', 'node_modules', false],
  ['*\n!*/keep', 'anything', true],
  ['*\n!**/keep', 'deep/er', true],
  ['node_modules', 'node_modules', false],
])('the rules %j may include files below %s again: %s', (text, folder, may) => {
  expect(ignoreRules(text).mayReturnBelow(folder)).toBe(may)
})

test('the ignore file of the Dockerfile wins over that of the context', async () => {
  const context = await mkdtemp(join(tmpdir(), 'devk-unit-'))
  const dockerfile = join(context, 'Dockerfile')
  await writeFile(join(context, '.dockerignore'), 'one')
  expect((await readIgnore({ context, dockerfile })).ignores('one')).toBe(true)
  await writeFile(`${dockerfile}.dockerignore`, 'two')
  const rules = await readIgnore({ context, dockerfile })
  expect([rules.ignores('one'), rules.ignores('two'), rules.file]).toEqual([false, true, `${dockerfile}.dockerignore`])
  await rm(context, { recursive: true })
})
