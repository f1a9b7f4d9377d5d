import { DevkError } from '../errors.ts'
import { shortReference } from '../lib/image-reference.ts'
import { nearest } from '../lib/text.ts'
import { standInFor } from './families.ts'
import type { Recipe } from './recipe.ts'

/**
 * The names of the recipes for these words: names of recipes, names of programs, or image references. Throws USAGE for
 * a word that the kit cannot build.
 */
export function recipesNamed(recipes: readonly Recipe[], wanted: readonly string[]): string[] {
  return wanted.map((word) => {
    const found = recipes.find(
      ({ name, provides }) => name === word || provides.includes(word) || provides.includes(shortReference(word)),
    )
    const standIn = found ?? standInFor(recipes, word)
    if (standIn !== undefined) return standIn.name
    const offered = recipes.filter(({ internal }) => !internal).flatMap(({ name, provides }) => [name, ...provides])
    const close = nearest(word, offered)
    throw new DevkError('USAGE', `The kit cannot build ${word}${close ? `; did you mean ${close}?` : ''}`, {
      hint: 'devk kit status lists what the kit can build.',
    })
  })
}
