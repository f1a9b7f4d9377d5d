import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'
import type { Recipe } from './recipe.ts'

/** An image reference as the engine's tags have it: without Docker Hub's own prefixes, with a tag. */
export function shortReference(reference: string): string {
  const short = reference.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
  return /:[^/]*$/.test(short) ? short : `${short}:latest`
}

/** Names of the recipes that are meant by recipe names, program names or image references. Throws USAGE for what the kit cannot make. */
export function recipesNamed(recipes: readonly Recipe[], wanted: readonly string[]): string[] {
  return wanted.map((word) => {
    const found = recipes.find(
      ({ name, provides }) => name === word || provides.includes(word) || provides.includes(shortReference(word)),
    )
    if (found) return found.name
    const offered = recipes.filter(({ internal }) => !internal).flatMap(({ name, provides }) => [name, ...provides])
    const close = nearest(word, offered)
    throw new DevkError('USAGE', `The kit cannot make ${word}${close ? `; did you mean ${close}?` : ''}`, {
      hint: 'devk kit status lists what it can make.',
    })
  })
}
