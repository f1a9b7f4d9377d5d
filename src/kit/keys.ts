import { createHash } from 'node:crypto'
import { closure } from './order.ts'
import type { Recipe } from './recipe.ts'

/** What keys depend on besides the recipes. */
export interface KeyFacts {
  /** Processor architecture, as Node.js names it. */
  readonly arch: string
  /** Digest of the CA certificates and package sources of the machine. */
  readonly host: string
  /** Digest of a file or folder in the folder `kit/` of the package. */
  readonly digestOf: (file: string) => string
}

/**
 * The key of each recipe, by its name. A key changes when anything changes that can change the result of the recipe. So
 * equal keys mean that an existing result can be used. Throws an Error for an unknown or circular dependency.
 */
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

/** The SHA-256 digest, in hexadecimal. */
export function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
