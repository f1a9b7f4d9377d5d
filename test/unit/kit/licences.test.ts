import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import identifiers from 'spdx-license-list'
import texts from 'spdx-license-list/full.js'
import { expect, onTestFinished, test } from 'vitest'
import { findRefused, isRefused, refusedText } from '../../../src/kit/licences.ts'
import { catalogue } from '../../../src/kit/recipes/catalogue.ts'

const recipes = catalogue('x64', false)
const licencesOf = recipes.flatMap(({ name, licences }) => licences.map((licence) => [name, licence] as const))

test('each recipe names its licences, by their SPDX identifiers', () => {
  expect(recipes.filter(({ licences }) => licences.length === 0).map(({ name }) => name)).toEqual([])
  expect(licencesOf.filter(([, licence]) => !Object.keys(identifiers).includes(licence))).toEqual([])
})

test('the kit builds nothing under AGPL, SSPL or BUSL', () => {
  expect(licencesOf.filter(([, licence]) => isRefused(licence))).toEqual([])
})

const refused = ['AGPL-1.0-only', 'AGPL-3.0-only', 'AGPL-3.0-or-later', 'SSPL-1.0', 'BUSL-1.1']

test.each(refused)('%s is refused by its identifier and by its text', (licence) => {
  expect(isRefused(licence)).toBe(true)
  expect(refusedText(texts[licence]?.licenseText ?? '')).toBe(licence.split('-')[0])
})

test('no other licence is refused, though GPL and MPL name the AGPL', () => {
  const others = Object.keys(texts).filter((one) => !/^(AGPL|SSPL|BUSL)-/.test(one))
  expect(others.length).toBeGreaterThan(500)
  expect(others.filter((one) => isRefused(one) || refusedText(texts[one]?.licenseText ?? ''))).toEqual([])
})

/** A folder with these files, which hold the text of the licence that they name. */
async function moduleWith(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'devk-module-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [file, licence] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), texts[licence]?.licenseText ?? '')
  }
  return root
}

test.each([
  ['that of the module', { LICENSE: 'BUSL-1.1', 'sdk/main.go': '' }, 'BUSL'],
  [
    'that of its own folder, before that of the module',
    { LICENSE: 'AGPL-3.0-only', 'sdk/LICENSE.md': 'MIT' },
    undefined,
  ],
  ['one of several files', { 'sdk/LICENSE-MIT': 'MIT', 'sdk/COPYING': 'SSPL-1.0' }, 'SSPL'],
  ['none in a folder above the module', { 'sdk/main.go': '' }, undefined],
])('the licence of a package is %s', async (_title, files, licence) => {
  const module = await moduleWith(files)
  const found = await findRefused([{ folder: join(module, 'sdk'), module }])
  expect(found?.licence).toBe(licence)
})
