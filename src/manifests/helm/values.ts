/** A value that the configuration sets in a release. */
export type SetValue = string | number | boolean | null

/**
 * The values of `set` as a values file and as arguments of helm. Helm would split a text at its commas and read `{a}`
 * as a list, so texts go into a file, where nothing has a meaning of its own. Only keys with the index of a list need
 * an argument, since a file replaces a list as a whole. Pure.
 */
export function setValues(set: Readonly<Record<string, SetValue>>): {
  readonly file: string | undefined
  readonly args: readonly string[]
} {
  const tree: Tree = Object.create(null)
  const args: string[] = []
  for (const [key, value] of Object.entries(set)) {
    if (key.includes('[')) args.push('--set-json', `${key}=${JSON.stringify(value)}`)
    else put(tree, stepsOf(key), value)
  }
  return { file: Object.keys(tree).length === 0 ? undefined : JSON.stringify(tree), args }
}

interface Tree {
  [key: string]: Tree | SetValue
}

function put(tree: Tree, [first = '', ...rest]: readonly string[], value: SetValue): void {
  if (rest.length === 0) {
    tree[first] = value
    return
  }
  const inner = tree[first]
  const next: Tree = typeof inner === 'object' && inner !== null ? inner : Object.create(null)
  tree[first] = next
  put(next, rest, value)
}

/** `a.b\.c` as Helm reads it: `a`, then `b.c`. */
function stepsOf(key: string): string[] {
  return (key.match(/(?:\\.|[^.\\])+/g) ?? [key]).map((step) => step.replace(/\\(.)/g, '$1'))
}
