import { type Recipe, recipe } from '../../../src/kit/recipe.ts'

/** A recipe that builds nothing. */
export function testRecipe(name: string, needs: readonly string[] = [], extra: Partial<Recipe> = {}): Recipe {
  return recipe({
    name,
    version: '1',
    kind: 'tool',
    licences: ['MIT'],
    seconds: 10,
    build: async () => {},
    needs,
    ...extra,
  })
}
