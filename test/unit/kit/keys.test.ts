import { expect, test } from 'vitest'
import { type KeyFacts, recipeKeys } from '../../../src/kit/keys.ts'
import type { Recipe } from '../../../src/kit/recipe.ts'
import { testRecipe } from './recipes.ts'

const facts: KeyFacts = { arch: 'x64', host: 'h1', digestOf: (file) => `digest of ${file}` }
const list = (base: Partial<Recipe> = {}): Recipe[] => [
  testRecipe('base', [], { files: ['images/base'], inputs: { a: '1', b: '2' }, ...base }),
  testRecipe('top', ['base']),
]
const before = recipeKeys(list(), facts)

test('the same recipes and facts give the same keys in any order', () => {
  expect(recipeKeys(list().reverse(), facts)).toEqual(before)
  expect(recipeKeys(list({ inputs: { b: '2', a: '1' } }), facts)).toEqual(before)
  expect(before.get('top')).toMatch(/^[0-9a-f]{16}$/)
})

test.each<{ what: string; base?: Partial<Recipe>; other?: Partial<KeyFacts> }>([
  { what: 'an input', base: { inputs: { a: '1', b: '3' } } },
  { what: 'the version', base: { version: '2' } },
  { what: 'a tag', base: { provides: ['x:1'] } },
  { what: 'a file', other: { digestOf: () => 'another digest' } },
  { what: 'the architecture', other: { arch: 'arm64' } },
])('$what changes the key of the recipe and of all that depend on it', ({ base, other }) => {
  const after = recipeKeys(list(base), { ...facts, ...other })
  expect(after.get('base')).not.toBe(before.get('base'))
  expect(after.get('top')).not.toBe(before.get('top'))
})

test('the certificates of the machine change the keys of recipes that copy them, and no others', () => {
  const recipes = [testRecipe('rootfs', [], { usesHost: true }), testRecipe('program')]
  const one = recipeKeys(recipes, facts)
  const two = recipeKeys(recipes, { ...facts, host: 'h2' })
  expect(two.get('rootfs')).not.toBe(one.get('rootfs'))
  expect(two.get('program')).toBe(one.get('program'))
})

test('the build time and the compiler do not change the key', () => {
  expect(recipeKeys([...list({ seconds: 99, tools: ['go'] }), testRecipe('go')], facts).get('base')).toBe(
    before.get('base'),
  )
})
