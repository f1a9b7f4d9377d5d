import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import texts from 'spdx-license-list/full.js'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { dockerEngine } from '../../../src/engine/engine.ts'
import { kitCache } from '../../../src/kit/cache.ts'
import { engineImages } from '../../../src/kit/engine.ts'
import { hostGo } from '../../../src/kit/find-go.ts'
import { buildGoModule, type GoBuild } from '../../../src/kit/gobuild.ts'
import { closure } from '../../../src/kit/order.ts'
import { recipe } from '../../../src/kit/recipe.ts'
import { catalogue } from '../../../src/kit/recipes/catalogue.ts'
import { openWorkshop } from '../../../src/kit/workshop.ts'
import { engineLabels } from '../../../src/lib/keys.ts'
import { runner, temporaryKit } from './temporary-kit.ts'

const signal = AbortSignal.timeout(100_000)
let go = ''

beforeAll(async () => {
  go = (await hostGo(runner, signal)) ?? ''
  expect(go, 'Go 1.24 or newer').not.toBe('')
})

/** The first words of the texts of licences of the modules, which their files have in different layouts. */
const titles: Readonly<Record<string, RegExp>> = {
  'Apache-2.0': /^\s*Apache License\s+Version 2\.0/m,
  MIT: /Permission is hereby granted, free of charge/,
  'MPL-2.0': /^\s*Mozilla Public License, version 2\.0/im,
}

const recipes = catalogue(process.arch, true)
const modules = recipes.flatMap(({ name, licences, inputs: { builds = '[]' } }) =>
  (JSON.parse(builds) as GoBuild[]).map(({ module, version }) => [name, `${module}@${version}`, licences] as const),
)

test.each(modules)('%s builds %s, which is under the licence that it names', async (_name, module, licences) => {
  const { stdout, stderr } = await runner.run(go, ['mod', 'download', '-json', module], { cwd: tmpdir() })
  const { Dir } = JSON.parse(stdout || '{}') as { Dir?: string }
  expect(Dir, stderr).toBeDefined()
  const files = (await readdir(Dir ?? '')).filter((file) => /^(licen[cs]e|copying)/i.test(file))
  const found = await Promise.all(files.map((file) => readFile(join(Dir ?? '', file), 'utf8')))
  expect(licences).toHaveLength(1)
  expect(found.join('\n')).toMatch(titles[licences[0] ?? ''] ?? /^a licence without a title here$/)
})

test('a program with a package under a refused licence is not built', async () => {
  const { deps, remove } = await temporaryKit('FROM scratch\n')
  onTestFinished(remove)
  const refused = {
    'go.mod': 'module a\n\ngo 1.24\n\nrequire example.org/b v1.0.0\n\nreplace example.org/b => ./b\n',
    'main.go': 'package main\n\nimport "example.org/b/part"\n\nfunc main() { part.Run() }\n',
    'b/go.mod': 'module example.org/b\n\ngo 1.24\n',
    'b/LICENSE': texts['BUSL-1.1']?.licenseText ?? '',
    'b/part/part.go': 'package part\n\nfunc Run() {}\n',
  }
  for (const [file, text] of Object.entries(refused)) {
    const path = join(deps.kitDir, 'go/refused', file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  const one = recipe({ name: 'one', version: '1', kind: 'tool', licences: ['MIT'], seconds: 1, build: async () => {} })
  const build = { deps, cache: kitCache(deps.cacheDir), keys: new Map([['one', '0']]) }
  const work = await openWorkshop(build, one, () => {}, signal)
  await expect(buildGoModule(work, 'go/refused', { out: 'a' })).rejects.toThrow('contains code under the BUSL')
  expect(await readdir(work.out)).toEqual([])
})

const isFromDebian = (name: string) => closure(recipes, [name]).some((one) => one.name.startsWith('debian-'))
const offered = recipes.filter(({ name, kind }) => kind === 'image' && isFromDebian(name))
const existing = await engineImages(
  dockerEngine(process.env).images,
  offered.flatMap(({ provides }) => provides),
  AbortSignal.timeout(30_000),
)
const isOurs = (name: string) => (reference: string) => existing.get(reference)?.labels[engineLabels.kit] === name
const built = offered.flatMap(({ name, provides }) => provides.find(isOurs(name)) ?? [])

test('the kit has built images from Debian', () => {
  expect(built.length).toBeGreaterThan(10)
})

test.each(built)('no package of Debian in %s is under AGPL, SSPL or BUSL', async (image) => {
  const search = "cat /usr/share/doc/*/copyright 2>/dev/null | grep -E '^License: *(AGPL|SSPL|BUSL)' || echo none"
  const args = ['run', '--rm', '--network', 'none', '--entrypoint', 'sh', image, '-c', search]
  const { exitCode, stdout, stderr } = await runner.run('docker', args)
  expect({ exitCode, stdout: stdout.trim() }, stderr).toEqual({ exitCode: 0, stdout: 'none' })
})
