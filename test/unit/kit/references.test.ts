import { expect, test } from 'vitest'
import { recipesNamed } from '../../../src/kit/references.ts'
import { shortReference } from '../../../src/lib/image-reference.ts'
import { testRecipe } from './recipes.ts'

test.each([
  ['postgres:17', 'postgres:17'],
  ['docker.io/library/postgres:17', 'postgres:17'],
  ['docker.io/kindest/node:v1', 'kindest/node:v1'],
  ['nginx', 'nginx:latest'],
  ['localhost:5001/todo/web', 'localhost:5001/todo/web:latest'],
])('%s is %s on the engine', (reference, short) => {
  expect(shortReference(reference)).toBe(short)
})

const recipes = [
  testRecipe('postgres', [], { kind: 'image', provides: ['postgres:17'] }),
  testRecipe('kubernetes', [], { provides: ['kubectl'] }),
]

test('a recipe is found by its name, its program and any form of its image reference', () => {
  expect(recipesNamed(recipes, ['postgres', 'kubectl', 'docker.io/library/postgres:17'])).toEqual([
    'postgres',
    'kubernetes',
    'postgres',
  ])
})

test('an unknown recipe is a usage error with the nearest name', () => {
  expect(() => recipesNamed(recipes, ['postgres:16'])).toThrow('cannot build postgres:16; did you mean postgres:17?')
})
