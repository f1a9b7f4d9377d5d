import type { Recipe } from './recipe.ts'

/**
 * The recipes with the names `wanted` and all their dependencies. Each comes after its dependencies. Throws an Error
 * for an unknown name or a circular dependency.
 */
export function closure(recipes: readonly Recipe[], wanted: Iterable<string>): Recipe[] {
  return walk(recipes, wanted, () => false)
}

/**
 * The recipes that must be built for the recipes `wanted`, each after its dependencies. Leaves out recipes that are
 * present, and dependencies that only those have. Throws the same errors as `closure`.
 */
export function missing(recipes: readonly Recipe[], wanted: Iterable<string>, present: ReadonlySet<string>): Recipe[] {
  return walk(recipes, wanted, (recipe) => present.has(recipe.name))
}

function walk(recipes: readonly Recipe[], wanted: Iterable<string>, skip: (recipe: Recipe) => boolean): Recipe[] {
  const byName = new Map(recipes.map((recipe) => [recipe.name, recipe]))
  const order: Recipe[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (name: string, path: readonly string[]): void => {
    if (state.get(name) === 'done') return
    if (state.get(name) === 'open') throw new Error(`the kit's recipes need each other: ${[...path, name].join(' → ')}`)
    const recipe = byName.get(name)
    if (!recipe) throw new Error(`the kit has no recipe "${name}" (needed by ${path.at(-1) ?? 'the caller'})`)
    state.set(name, 'open')
    if (!skip(recipe)) {
      for (const need of [...recipe.needs, ...recipe.tools]) visit(need, [...path, name])
      order.push(recipe)
    }
    state.set(name, 'done')
  }
  for (const name of wanted) visit(name, [])
  return order
}
