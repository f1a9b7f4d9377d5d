import type { Recipe } from './recipe.ts'

/** How many recipes of each lane may run at a time. */
export type Lanes = Readonly<Record<Recipe['lane'], number>>

/**
 * Runs `make` for each recipe when its dependencies in `recipes` are done and its lane has a free place. The recipe
 * with the longest chain of dependents starts first, because that chain decides when all recipes are done. After a
 * failure, starts no other recipe, aborts the running ones through the signal of `make`, and throws the first error.
 */
export async function runInOrder(
  recipes: readonly Recipe[],
  lanes: Lanes,
  make: (recipe: Recipe, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const chains = chainSeconds(recipes)
  const chainOf = (recipe: Recipe): number => chains.get(recipe.name) ?? 0
  const waiting = [...recipes].sort((a, b) => chainOf(b) - chainOf(a))
  const unfinished = new Set(recipes.map((recipe) => recipe.name))
  const running = new Map<Recipe, Promise<void>>()
  const failures: unknown[] = []
  const ready = (recipe: Recipe): boolean =>
    ![...recipe.needs, ...recipe.tools].some((need) => unfinished.has(need)) &&
    [...running.keys()].filter((other) => other.lane === recipe.lane).length < lanes[recipe.lane]

  const start = (recipe: Recipe): void => {
    waiting.splice(waiting.indexOf(recipe), 1)
    const run = make(recipe, either)
      .then(() => void unfinished.delete(recipe.name))
      .catch((error: unknown) => {
        failures.push(error)
        stop.abort(error)
      })
      .finally(() => running.delete(recipe))
    running.set(recipe, run)
  }

  for (;;) {
    while (!either.aborted) {
      const next = waiting.find(ready)
      if (!next) break
      start(next)
    }
    if (running.size === 0) break
    await Promise.race(running.values())
  }
  signal.throwIfAborted()
  if (failures.length > 0) throw failures[0]
  if (waiting.length > 0) {
    throw new Error(`the kit's recipes wait for each other: ${waiting.map(({ name }) => name).join(', ')}`)
  }
}

/** The seconds of each recipe and of the longest chain of recipes that wait for it, by the name of the recipe. */
function chainSeconds(recipes: readonly Recipe[]): Map<string, number> {
  const chains = new Map<string, number>()
  const chain = (recipe: Recipe): number => {
    const known = chains.get(recipe.name)
    if (known !== undefined) return known
    const waiting = recipes.filter(({ needs, tools }) => [...needs, ...tools].includes(recipe.name))
    const seconds = recipe.seconds + Math.max(0, ...waiting.map(chain))
    chains.set(recipe.name, seconds)
    return seconds
  }
  recipes.forEach(chain)
  return chains
}
