import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { keyFacts } from '../../../src/kit/facts.ts'
import type { KitDeps } from '../../../src/kit/recipe.ts'
import { testRecipe } from './recipes.ts'

test('a source file changes the key, and a Go test does not', async () => {
  const kitDir = await mkdtemp(join(tmpdir(), 'devk-facts-'))
  onTestFinished(() => rm(kitDir, { recursive: true }))
  const deps = { kitDir, platform: { arch: 'x64', caBundle: undefined } } as unknown as KitDeps
  const digest = async () => (await keyFacts(deps, [testRecipe('program', [], { files: ['.'] })])).digestOf('.')

  await writeFile(join(kitDir, 'rules.go'), 'package policy')
  const before = await digest()
  await writeFile(join(kitDir, 'rules_test.go'), 'package policy')
  expect(await digest()).toBe(before)
  await writeFile(join(kitDir, 'rules.go'), 'package policy // changed')
  expect(await digest()).not.toBe(before)
})
