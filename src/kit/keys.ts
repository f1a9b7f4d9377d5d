import { createHash } from 'node:crypto'
import { closure } from './order.ts'
import type { Recipe } from './recipe.ts'

export interface KeyFacts {
  readonly arch: string
  /** Digest of the machine's certificates and package sources. */
  readonly host: string
  /** Digest of a file or folder below the kit's folder. */
  readonly digestOf: (file: string) => string
}

/** The content key of every recipe: it changes when anything does that could change the result. */
export function recipeKeys(recipes: readonly Recipe[], facts: KeyFacts): Map<string, string> {
  const keys = new Map<string, string>()
  const names = recipes.map((recipe) => recipe.name)
  for (const recipe of closure(recipes, names)) {
    const content = {
      name: recipe.name,
      version: recipe.version,
      provides: recipe.provides,
      standIn: recipe.standIn ?? null,
      inputs: Object.entries(recipe.inputs).sort(([a], [b]) => (a < b ? -1 : 1)),
      files: recipe.files.map((file) => [file, facts.digestOf(file)]),
      needs: recipe.needs.map((need) => keys.get(need)),
      arch: facts.arch,
      host: recipe.usesHost ? facts.host : null,
    }
    keys.set(recipe.name, digest(JSON.stringify(content)).slice(0, 16))
  }
  return keys
}

/** SHA-256 in hex. */
export function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
