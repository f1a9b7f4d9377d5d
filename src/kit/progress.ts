import type { Recipe } from './recipe.ts'

/** The state of one recipe of a build. */
export interface KitProgress {
  /** Name of the recipe. */
  readonly recipe: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  /** Seconds that this recipe usually takes. */
  readonly expectedSeconds: number
  /** Seconds since this recipe started; 0 before. */
  readonly elapsed: number
  /** Seconds until the whole build is expected to end. */
  readonly remaining: number
  /** The newest line of output, while the recipe runs. */
  readonly line?: string
}

/**
 * Estimates the seconds until all these recipes are done. Compilations share the processor, so their times add up.
 * Recipes that wait for each other form a chain, whose times add up too. The result is the larger of all compilations
 * and the longest chain. `done` has the names of finished recipes, `elapsed` the seconds since each recipe started.
 */
export function remainingSeconds(
  recipes: readonly Recipe[],
  done: ReadonlySet<string>,
  elapsed: ReadonlyMap<string, number>,
): number {
  const rest = (recipe: Recipe): number => {
    if (done.has(recipe.name)) return 0
    const spent = elapsed.get(recipe.name)
    // A recipe that takes longer than expected has at least one second left.
    return spent === undefined ? recipe.seconds : Math.max(recipe.seconds - spent, 1)
  }
  const chains = new Map<string, number>()
  let compile = 0
  let longest = 0
  for (const recipe of recipes) {
    const before = [...recipe.needs, ...recipe.tools].map((need) => chains.get(need) ?? 0)
    const chain = rest(recipe) + Math.max(0, ...before)
    chains.set(recipe.name, chain)
    longest = Math.max(longest, chain)
    if (recipe.lane === 'compile') compile += rest(recipe)
  }
  return Math.round(Math.max(compile, longest))
}
