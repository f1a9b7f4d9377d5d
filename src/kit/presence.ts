import type { ImageInfo } from '../engine/image-api.ts'
import { engineLabels } from '../lib/keys.ts'
import type { KitCache } from './cache.ts'
import { engineImages } from './engine.ts'
import type { KitDeps, Recipe } from './recipe.ts'

export interface Presence {
  /** Recipes whose result is there. */
  readonly present: ReadonlySet<string>
  /** References that belong to images from elsewhere; the kit does not take them away. */
  readonly foreign: ReadonlySet<string>
  /** Bytes, of what is there. */
  readonly sizes: ReadonlyMap<string, number>
}

/** What to look for. */
export interface Lookup {
  readonly recipes: readonly Recipe[]
  /** Key of each recipe, by its name. */
  readonly keys: ReadonlyMap<string, string>
  /** Images from elsewhere do not count: they may be replaced. */
  readonly replace: boolean
}

/** Looks into the cache and, when a recipe makes an image, asks the engine. Throws ENGINE_UNAVAILABLE when no engine answers. */
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
