import { expect, test } from 'vitest'
import { closure, missing } from '../../../src/kit/order.ts'
import { testRecipe } from './recipes.ts'

const recipes = [
  testRecipe('image', ['program', 'base']),
  testRecipe('program'),
  testRecipe('base'),
  testRecipe('other'),
]
const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name)

test('everything a recipe rests on comes before it, and nothing else comes along', () => {
  expect(names(closure(recipes, ['image']))).toEqual(['program', 'base', 'image'])
})

test.each([
  { present: ['program'], todo: ['base', 'image'] },
  { present: ['image'], todo: [] },
  { present: ['other'], todo: ['program', 'base', 'image'] },
])('with $present there, $todo is missing', ({ present, todo }) => {
  expect(names(missing(recipes, ['image'], new Set(present)))).toEqual(todo)
})

test('what rests only on a present recipe is not built', () => {
  const chain = [testRecipe('a'), testRecipe('b', ['a']), testRecipe('c', ['b'])]
  expect(names(missing(chain, ['c'], new Set(['b'])))).toEqual(['c'])
})

test('a compiler is built first although it is no part of the result', () => {
  const list = [testRecipe('go'), testRecipe('program', [], { tools: ['go'] })]
  expect(names(missing(list, ['program'], new Set()))).toEqual(['go', 'program'])
})

test('a cycle and an unknown need are defects of the catalogue, named with their path', () => {
  const cycle = [testRecipe('a', ['b']), testRecipe('b', ['a'])]
  expect(() => closure(cycle, ['a'])).toThrow('a → b → a')
  expect(() => closure([testRecipe('a', ['x'])], ['a'])).toThrow('no recipe "x" (needed by a)')
})
