import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type OutsideBuild, outsideContent } from '../../../../src/images/outside/content.ts'
import { fromGitignore, outsideIgnore } from '../../../../src/images/outside/sources.ts'

async function context(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'devk-outside-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const write = async (name: string, text: string) => {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  for (const [name, text] of Object.entries(files)) await write(name, text)
  const cache = await mkdtemp(join(tmpdir(), 'devk-outside-cache-'))
  onTestFinished(() => rm(cache, { recursive: true, force: true }))
  const options = { cacheFolder: cache, keyFile: join(cache, 'key'), clock: Date.now }
  const read = (more: Partial<OutsideBuild> = {}) =>
    outsideContent({ context: folder, command: ['make', 'image'], env: {}, ...more }, options)
  return { folder, write, read }
}

test('sources are all files but those that builders write, and that .gitignore and .dockerignore name', async () => {
  const { folder } = await context({ '.gitignore': '/bin\n*.class\nout/\n', '.dockerignore': 'docs\n!docs/api.md\n' })
  const rules = await outsideIgnore({ context: folder })
  const sources = ['main.go', 'cmd/bin/x', 'docs/api.md', 'pom.xml', 'build/Dockerfile']
  const others = [
    'bin/x',
    'a/B.class',
    'web/out/a',
    'docs/x',
    'a/target/a.jar',
    '.git/HEAD',
    'node_modules/a',
    'bazel-bin/a',
  ]
  expect(sources.filter(rules.ignores)).toEqual([])
  expect(others.filter((path) => !rules.ignores(path))).toEqual([])
  expect([rules.mayReturnBelow('docs'), rules.mayReturnBelow('bin')]).toEqual([true, false])
})

test('with patterns, nothing else is a source', async () => {
  const { folder } = await context({ '.gitignore': 'generated\n' })
  const rules = await outsideIgnore({ context: folder, watch: ['src', 'generated', '!src/*_test.go'] })
  expect(['src/a.go', 'generated/b', 'README.md', 'src/a_test.go'].map(rules.ignores)).toEqual([
    false,
    false,
    true,
    true,
  ])
})

test('patterns of .gitignore become those of .dockerignore', () => {
  const text = '# built\n/build/\ndist\n!dist/keep\n*.log \ndeep/er\n\\#odd\n!\n[a\n'
  expect(fromGitignore(text)).toEqual(['build', '**/dist', '!dist/keep', '**/*.log', 'deep/er'])
})

test('the name changes with sources, command and variables, and with nothing else', async () => {
  const { read, write } = await context({ 'main.go': '1', '.gitignore': 'bin\n' })
  const first = (await read()).hash
  await write('bin/api', 'made')
  expect((await read()).hash).toBe(first)
  expect((await read({ env: { A: '1' } })).hash).not.toBe(first)
  expect((await read({ command: ['make'] })).hash).not.toBe(first)
  await write('main.go', '2')
  expect((await read()).hash).not.toBe(first)
})

test('a source that another one takes the place of is told, and one that is written as it was is not', async () => {
  const { read, write, folder } = await context({ 'main.go': '1', 'go.sum': 'a' })
  const { changed } = await read()
  await write('go.sum', 'a')
  expect(await changed()).toBeUndefined()
  await write('main.go', '2')
  expect(await changed()).toBe('main.go')
  await write('main.go', '1')
  await write('new.go', '')
  expect(await changed()).toBe('new.go')
  await rm(join(folder, 'new.go'))
  await rm(join(folder, 'go.sum'))
  expect(await changed()).toBe('go.sum')
})
