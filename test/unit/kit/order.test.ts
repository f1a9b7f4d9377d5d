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

test('the dependencies of a recipe come before it, and nothing else is built', () => {
  expect(names(closure(recipes, ['image']))).toEqual(['program', 'base', 'image'])
})

test.each([
  { present: ['program'], todo: ['base', 'image'] },
  { present: ['image'], todo: [] },
  { present: ['other'], todo: ['program', 'base', 'image'] },
])('with $present built, $todo is left to build', ({ present, todo }) => {
  expect(names(missing(recipes, ['image'], new Set(present)))).toEqual(todo)
})

test('a dependency that only built recipes need is not built', () => {
  const chain = [testRecipe('a'), testRecipe('b', ['a']), testRecipe('c', ['b'])]
  expect(names(missing(chain, ['c'], new Set(['b'])))).toEqual(['c'])
})

test('a compiler is built first although the result does not contain it', () => {
  const list = [testRecipe('go'), testRecipe('program', [], { tools: ['go'] })]
  expect(names(missing(list, ['program'], new Set()))).toEqual(['go', 'program'])
})

test('a cycle and an unknown dependency are bugs of the catalogue, reported with their path', () => {
  const cycle = [testRecipe('a', ['b']), testRecipe('b', ['a'])]
  expect(() => closure(cycle, ['a'])).toThrow('a → b → a')
  expect(() => closure([testRecipe('a', ['x'])], ['a'])).toThrow('no recipe "x" (needed by a)')
})
