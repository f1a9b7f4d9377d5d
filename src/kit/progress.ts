import type { Recipe } from './recipe.ts'

export interface KitProgress {
  readonly recipe: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  /** Seconds this recipe usually takes, and has taken so far. */
  readonly expectedSeconds: number
  readonly elapsed: number
  /** Seconds the whole build is expected to go on. */
  readonly remaining: number
  /** The newest line of output, while it runs. */
  readonly line?: string
}

/**
 * Seconds until all is done: the longer of the compile lane's work, which shares the processor, and the longest chain of recipes
 * that wait for each other. `elapsed` has the recipes that run; `done` those that are through.
 */
export function remainingSeconds(
  recipes: readonly Recipe[],
  done: ReadonlySet<string>,
  elapsed: ReadonlyMap<string, number>,
): number {
  const rest = (recipe: Recipe): number => {
    if (done.has(recipe.name)) return 0
    const spent = elapsed.get(recipe.name)
    // What takes longer than expected is taken to be nearly through, never to be through.
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
