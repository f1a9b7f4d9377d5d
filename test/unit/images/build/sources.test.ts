import { expect, test } from 'vitest'
import type { ContextEntry } from '../../../../src/images/build/context.ts'
import { buildSources, entriesIn } from '../../../../src/images/build/sources.ts'
import { neededStages } from '../../../../src/images/build/stages.ts'

const sourcesOf = (dockerfile: string, args: Record<string, string> = {}, target?: string) =>
  buildSources(dockerfile, neededStages(dockerfile, args, target).stages, Object.keys(args))

test.each<[string, string[] | undefined]>([
  ['COPY src /src', ['src']],
  ['COPY --chown=1:1 --link a b/ /c/', ['a', 'b/']],
  ['COPY ["a b", "c", "/d"]', ['a b', 'c']],
  ['copy package*.json ./', ['package*.json']],
  ['ADD https://example.com/a.tar b.tar /', ['b.tar']],
  ['ADD git@github.com:a/b.git /', []],
  ['COPY --from=other a /b', []],
  ['COPY <<EOF /a\nCOPY b /\nEOF', []],
  ['RUN --mount=type=bind,source=a,target=/a true', ['a']],
  ['RUN --mount=target=/a true', ['.']],
  ['RUN --mount=type=cache,target=/a --mount=type=bind,from=x,target=/y true', []],
  ['ONBUILD COPY a /', ['a']],
  ['COPY $DIR /', undefined],
  ['COPY "a b" /', undefined],
  ['RUN --mount=type=bind,source=$A,target=/a true', undefined],
])('a build reads the paths of %s', (line, paths) => {
  expect(sourcesOf(`FROM scratch\n${line}`).paths).toEqual(paths)
})

test('a syntax of somebody else may read everything', () => {
  expect(sourcesOf('# syntax=docker/dockerfile:1\nFROM scratch').paths).toEqual([])
  expect(sourcesOf('# syntax=docker.io/docker/dockerfile-upstream:master\nFROM scratch').paths).toEqual([])
  const other = sourcesOf('# escape=`\n# syntax=acme/frontend\nFROM scratch')
  expect(other.paths).toBeUndefined()
  expect(other.usesArgument('ANY')).toBe(true)
  expect(sourcesOf('FROM scratch', { BUILDKIT_SYNTAX: 'acme/frontend' }).paths).toBeUndefined()
})

test('only arguments that a stage declares or a FROM line uses count', () => {
  const { usesArgument } = sourcesOf('ARG V\nARG W\nARG X\nFROM a:$V AS no\nARG Y\nFROM scratch\nARG Z U=1')
  const names = ['V', 'W', 'X', 'Y', 'Z', 'U', 'COMMIT', 'SOURCE_DATE_EPOCH']
  expect(names.filter(usesArgument)).toEqual(['V', 'Z', 'U', 'SOURCE_DATE_EPOCH'])
})

const entry = (path: string, kind: ContextEntry['kind'] = 'file'): ContextEntry => {
  return { path, kind, mode: 0, size: 0, mtimeMs: 0, ctimeMs: 0, inode: 0, target: undefined }
}
const tree = [
  entry('README.md'),
  entry('package-lock.json'),
  entry('package.json'),
  entry('src', 'folder'),
  entry('src/a', 'folder'),
  entry('src/a/x.ts'),
  entry('src/b.ts'),
  entry('web', 'link'),
]
const taken = (...paths: string[]) => entriesIn(tree, paths)?.map(({ path }) => path)

test('entries are found by path and pattern', () => {
  expect(taken('package*.json')).toEqual(['package-lock.json', 'package.json'])
  expect(taken('/src/a/')).toEqual(['src', 'src/a', 'src/a/x.ts'])
  expect(taken('./src/../README.md')).toEqual(['README.md'])
  expect(taken('src/?.ts')).toEqual(['src', 'src/b.ts'])
})

test('the whole context and links take everything', () => {
  for (const path of ['.', '/', '', '**/x.ts', 'web', 'web/index.html', '*']) expect(taken(path)).toBeUndefined()
})
