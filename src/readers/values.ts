import type { HelmFact } from './facts.ts'
import type { Located } from './located.ts'

type Values = Record<string, string | number | boolean | null>

/** A tree of Helm values as single ones: `a.b`, `a[0]`. A text for which `fill` gives nothing is left out. */
export function flatten(tree: Located, fill: (text: string) => string | undefined = (text) => text): HelmFact['set'] {
  const found: Values = {}
  const visit = (value: Located, path: string): void => {
    const plain = value.value
    const text = typeof plain === 'string' ? fill(plain) : undefined
    if (text !== undefined) found[path] = text
    if (typeof plain === 'number' || typeof plain === 'boolean') found[path] = plain
    // A key of a file that sets values is often a path already.
    for (const [key, below] of value.entries()) visit(below, path === '' ? key : `${path}.${key}`)
    for (const [index, item] of value.items().entries()) visit(item, `${path}[${index}]`)
  }
  visit(tree, '')
  return found
}
