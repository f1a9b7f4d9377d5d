import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { GoBuild } from '../../../src/kit/gobuild.ts'
import { unknownModules } from '../../../src/kit/gosum.ts'
import { catalogue } from '../../../src/kit/recipes/catalogue.ts'
import { versions } from '../../../src/kit/recipes/versions.ts'

const known = 'example.com/a v1.0.0 h1:a\nexample.com/a v1.0.0/go.mod h1:m\n'

test.each([
  ['', []],
  ['example.com/a v1.0.0 h1:a\n', []],
  ['example.com/a v1.0.0 h1:other\n', ['example.com/a v1.0.0']],
  ['example.com/a v1.0.1 h1:a\nexample.com/b v1.0.0 h1:b\n', ['example.com/a v1.0.1', 'example.com/b v1.0.0']],
  ['example.com/b v1.0.0/go.mod h1:b\n', []],
])('%j has the unknown modules %j', (sums, modules) => {
  expect(unknownModules(known, sums)).toEqual(modules)
})

test('kit/go/go.sum has the modules that the kit builds (node scripts/kit-sums.ts)', () => {
  const lines = readFileSync('kit/go/go.sum', 'utf8').split('\n')
  const named = new Set(lines.map((line) => line.split(' ').slice(0, 2).join(' ')))
  const builds = catalogue('x64', true).flatMap(({ inputs }) => JSON.parse(inputs.builds ?? '[]') as GoBuild[])
  const modules = builds.flatMap(({ module, version, patches = [] }) => [
    `${module} ${version}`,
    ...patches.flatMap((patch) => (patch.version === undefined ? [] : [`${patch.module} ${patch.version}`])),
  ])
  expect(modules.length).toBeGreaterThan(20)
  const copied = [`k8s.io/kubernetes v${versions.kubernetes}`, `sigs.k8s.io/kind v${versions.kind}`]
  expect([...modules, ...copied].filter((module) => !named.has(module))).toEqual([])
})
