import type { FoundKustomization } from '../../scan/found.ts'
import { depth } from '../../scan/paths.ts'
import { wordsOf } from '../match/words.ts'
import type { Family } from './unit.ts'

/** What overlays and files with values are for, by words of their names; the one for daily work first. */
const purposes: readonly (readonly [string, RegExp])[] = [
  ['local', /^(local|localhost|kind|minikube|k3d|k3s|desktop|laptop|devk|orbstack|colima)$/],
  ['development', /^(dev|develop|development|devel)$/],
  ['staging', /^(staging|stage|stg|preview|sandbox)$/],
  ['test', /^(test|testing|tests|qa|uat|ci|e2e|integration)$/],
]
const unknown = purposes.length
const base = unknown + 1
const production = unknown + 2

/** How far a path is from daily work: 0 for `overlays/local`, most for production. Pure. */
export function rankOf(path: string): number {
  const parts = path.split('/').reverse().slice(0, 3)
  for (const part of parts) {
    const words = wordsOf(part.replace(/\.[a-z]+$/, ''))
    if (words.some((word) => /^(prod|production|prd|live|releases?)$/.test(word))) return production
    const found = purposes.findIndex(([, pattern]) => words.some((word) => pattern.test(word)))
    if (found >= 0) return found
    if (words.length === 1 && /^(base|bases|common|shared)$/.test(words[0] ?? '')) return base
  }
  return unknown
}

/** Whether a path says that it is for work on this machine. Pure. */
export function isDaily(path: string): boolean {
  return rankOf(path) < 2
}

/** The families of kustomizations, each with the one for daily work. Pure. */
export function familiesOf(kustomizations: readonly FoundKustomization[]): Family[] {
  const byFolder = new Map(kustomizations.map((each) => [each.folder, each] as const))
  const family = new Map(kustomizations.map(({ folder }) => [folder, folder] as const))
  const leader = (folder: string): string => {
    const above = family.get(folder) ?? folder
    return above === folder ? folder : leader(above)
  }
  for (const { folder, uses } of kustomizations) {
    for (const used of uses) if (byFolder.has(used)) family.set(leader(used), leader(folder))
  }
  return [...Map.groupBy(kustomizations, ({ folder }) => leader(folder)).values()].flatMap((members) => {
    const [chosen] = members.filter((each) => isCandidate(each, members)).sort(byPreference)
    if (chosen === undefined) return []
    const others = members.filter((each) => each !== chosen && each.isTop)
    return [{ chosen, others }]
  })
}

/**
 * One that others only build on is no candidate, unless it is for daily work and nobody gathers several such, or unless
 * the others are for production.
 */
function isCandidate(each: FoundKustomization, members: readonly FoundKustomization[]): boolean {
  if (each.isTop) return true
  const users = members.filter(({ uses }) => uses.includes(each.folder))
  const gathers = users.some(
    ({ uses }) => members.filter(({ folder }) => uses.includes(folder) && isDaily(folder)).length > 1,
  )
  return !gathers && (isDaily(each.folder) || users.every(({ folder }) => rankOf(folder) === production))
}

function byPreference(a: FoundKustomization, b: FoundKustomization): number {
  return rankOf(a.folder) - rankOf(b.folder) || Number(b.isTop) - Number(a.isTop) || depth(a.folder) - depth(b.folder)
}
