import type { ImageInfo } from '../engine/image-api.ts'
import { engineLabels } from '../lib/keys.ts'
import type { KitCache } from './cache.ts'
import { engineImages } from './engine.ts'
import type { KitDeps, Recipe } from './recipe.ts'

/** Which results of recipes exist. */
export interface Presence {
  /** Names of the recipes whose result exists. */
  readonly present: ReadonlySet<string>
  /** References that belong to images that the kit did not build, and that it must not replace. */
  readonly foreign: ReadonlySet<string>
  /** Size of each existing result in bytes, by the name of its recipe. */
  readonly sizes: ReadonlyMap<string, number>
}

/** What to look for. */
export interface Lookup {
  readonly recipes: readonly Recipe[]
  /** The key of each recipe, by its name. */
  readonly keys: ReadonlyMap<string, string>
  /** Foreign images may be replaced, so they do not count as present. */
  readonly replace: boolean
}

/** Finds the existing results of recipes, in the cache and on the engine. Throws ENGINE_UNAVAILABLE. */
export async function lookUp(
  deps: Pick<KitDeps, 'images'>,
  cache: KitCache,
  { recipes, keys, replace }: Lookup,
  signal: AbortSignal,
): Promise<Presence> {
  const references = recipes.filter(({ kind }) => kind === 'image').flatMap(({ provides }) => provides)
  const images = await engineImages(deps.images, references, signal)
  const present = new Set<string>()
  const foreign = new Set<string>()
  const sizes = new Map<string, number>()
  for (const recipe of recipes) {
    const key = keys.get(recipe.name) ?? ''
    if (recipe.kind === 'tool') {
      const size = await cache.published(recipe.name, key)
      if (size === undefined) continue
      present.add(recipe.name)
      sizes.set(recipe.name, size)
      continue
    }
    const found = recipe.provides.map((reference) => images.get(reference))
    const isForeign = (image: ImageInfo | undefined): boolean =>
      image !== undefined && image.labels[engineLabels.kit] === undefined && !recipe.internal && !replace
    for (const [index, reference] of recipe.provides.entries()) if (isForeign(found[index])) foreign.add(reference)
    if (found.every((image) => isForeign(image) || image?.labels[engineLabels.kitKey] === key)) present.add(recipe.name)
    const size = found.find((image) => image !== undefined)?.size
    if (size !== undefined) sizes.set(recipe.name, size)
  }
  return { present, foreign, sizes }
}
