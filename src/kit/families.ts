import { imageName } from '../lib/image-reference.ts'
import type { Recipe } from './recipe.ts'

/**
 * The recipe that stands in for an image of Docker Hub which no recipe provides. With the same major version, or else
 * with any: the one with its version, else with the next newer one, else with the newest. Programs seldom break with a
 * newer version of their language, and often with an older one. A tag without a version means the newest. undefined if
 * the kit makes nothing of this repository, and for images that are named by their digest or made for Windows. Pure.
 */
export function standInFor(recipes: readonly Recipe[], reference: string): Recipe | undefined {
  const { registry, path, tag = 'latest' } = imageName(reference)
  if (registry !== '' || reference.includes('@') || /windows|nanoserver/.test(tag)) return undefined
  const all = recipes.filter(({ family }) => family?.repositories.includes(path))
  const special = all.filter(({ family }) => family?.tags?.test(tag))
  const fitting = special.length > 0 ? special : all.filter(({ family }) => family?.tags === undefined)
  const sorted = fitting.toSorted((a, b) => compare(versionOf(a), versionOf(b)))
  const wanted = /^v?(\d+(\.\d+)*)/.exec(tag)?.[1]?.split('.').map(Number)
  if (wanted === undefined) return sorted.at(-1)
  const sameMajor = sorted.filter((each) => versionOf(each)[0] === wanted[0])
  return nearest(sameMajor, wanted) ?? nearest(sorted, wanted)
}

function nearest(sorted: readonly Recipe[], wanted: readonly number[]): Recipe | undefined {
  const same = sorted.filter((each) => compare(versionOf(each), wanted) === 0)
  return same.at(-1) ?? sorted.find((each) => compare(versionOf(each), wanted) > 0) ?? sorted.at(-1)
}

const versionOf = ({ family }: Recipe) => (family?.version ?? '').split('.').map(Number)

/** Compares as far as both versions go: 3.13 and 3 are the same. */
function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, index) => part !== (b[index] ?? part))
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}
