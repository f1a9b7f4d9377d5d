import type { Recipe } from './recipe.ts'

/** All recipes these ones rest on, themselves included, each after what it needs. Throws on an unknown name or a cycle. */
export function closure(recipes: readonly Recipe[], wanted: Iterable<string>): Recipe[] {
  return walk(recipes, wanted, () => false)
}

/** What has to be built so that the wanted recipes are there: nothing below a recipe that is already present. */
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
