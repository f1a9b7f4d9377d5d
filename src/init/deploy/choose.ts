import { basename, dirname } from 'node:path/posix'
import { type KubeObject, keyOf, nameOf } from '../../kube/api.ts'
import { podTemplate } from '../../manifests/workload.ts'
import { depth, isAside, isBelow } from '../../scan/paths.ts'
import { rankOf } from './overlays.ts'
import type { Unit, Wanted } from './unit.ts'

/** A unit that is not deployed, and why. */
export interface LeftOut {
  readonly unit: Unit
  readonly why: 'aside' | 'variant' | 'no workload' | 'other way' | 'broken'
  /** The path of the unit that defines the same objects, and one of these. */
  readonly instead?: { readonly path: string; readonly object: string }
}

/** The units to deploy together, and the others. */
export interface Choice {
  readonly chosen: readonly Unit[]
  readonly left: readonly LeftOut[]
}

/** The repositories of the images that a unit runs and that the project builds. */
export type BuiltImages = (unit: Unit) => ReadonlySet<string>

/** Chooses what to deploy: everything that belongs together, and of variants one. Pure. */
export function chooseUnits(units: readonly Unit[], wanted: Wanted, built: BuiltImages): Choice {
  const named = units.filter((unit) => isWanted(unit, wanted))
  if (named.length > 0 || wanted.manifests.length + wanted.kustomize.length + wanted.charts.length > 0) {
    return { chosen: named, left: [] }
  }
  const runs = units.some((unit) => !asideOf(unit) && hasWorkload(unit))
  const main = units.filter((unit) => !runs || !asideOf(unit))
  const aside = units.filter((unit) => !main.includes(unit))
  const choice = together(main, built)
  return { chosen: choice.chosen, left: [...choice.left, ...aside.map((unit) => ({ unit, why: 'aside' }) as const)] }
}

function isWanted({ kind, path }: Unit, { manifests, kustomize, charts }: Wanted): boolean {
  if (kind === 'kustomize') return kustomize.includes(path)
  if (kind === 'helm') return charts.includes(path)
  return manifests.some((folder) => isBelow(path, folder))
}

function asideOf({ kind, path }: Unit): boolean {
  return isAside(kind === 'manifests' ? path : `${path}/x`)
}

function hasWorkload({ objects }: Unit): boolean {
  return objects.some((object) => podTemplate(object) !== undefined)
}

function together(units: readonly Unit[], built: BuiltImages): Choice {
  const kinds = kindsInOrder(units, built)
  const sorted = [...units].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || byPreference(a, b))
  const sound = units.some(({ problem, objects }) => problem === undefined && objects.length > 0)
  const chosen: Unit[] = []
  const left: LeftOut[] = []
  const owners = new Map<string, Unit>()
  const files = sorted.filter(({ kind }) => kind === 'manifests')
  const folders = new Map(
    [...Map.groupBy(files, ({ path }) => dirname(path))].map(([path, own]) => [path, Map.groupBy(own, stem)] as const),
  )
  for (const unit of sorted) {
    const beside = folders.get(dirname(unit.path)) ?? new Map()
    const out = whyNot(unit, { chosen, owners, sorted, beside, main: kinds[0], sound, built })
    if (out !== undefined) left.push(out)
    else {
      chosen.push(unit)
      for (const key of keysOf(unit)) owners.set(key, unit)
    }
  }
  return { chosen, left }
}

/** The ways to deploy: the one that runs the most of what the project builds first, then the most of others. */
function kindsInOrder(units: readonly Unit[], built: BuiltImages): Unit['kind'][] {
  const known = ['kustomize', 'helm', 'manifests'] as const
  const weight = (kind: Unit['kind']) => {
    const own = units.filter((unit) => unit.kind === kind)
    const images = new Set(own.flatMap((unit) => [...built(unit)]))
    const works = own.some(({ problem }) => problem === undefined) ? 0.5 : 0
    const workloads = new Set(own.flatMap(({ objects }) => objects.filter((object) => podTemplate(object)).map(keyOf)))
    const others = Math.min(workloads.size, 99) / 1000
    return own.length === 0 ? -1 : images.size + (own.some(hasWorkload) ? 0.25 + works + others : 0)
  }
  return [...known].sort((a, b) => weight(b) - weight(a))
}

/** Of several that define the same: the one for daily work, then the larger one, then the one further up. */
function byPreference(a: Unit, b: Unit): number {
  return (
    Number(a.problem !== undefined) - Number(b.problem !== undefined) ||
    Number(hasWorkload(b)) - Number(hasWorkload(a)) ||
    rankOf(a.path) - rankOf(b.path) ||
    (a.kind === 'manifests' ? b.objects.length - a.objects.length : 0) ||
    depth(a.path) - depth(b.path) ||
    a.path.length - b.path.length ||
    (a.path < b.path ? -1 : 1)
  )
}

type Beside = ReadonlyMap<string, readonly Unit[]>

interface Rest {
  readonly chosen: readonly Unit[]
  /** The chosen ones by the objects that they define. */
  readonly owners: ReadonlyMap<string, Unit>
  readonly sorted: readonly Unit[]
  /** The manifests in the folder of a unit, by their names without ending. */
  readonly beside: Beside
  readonly main: Unit['kind'] | undefined
  /** Whether anything could be read without a problem. */
  readonly sound: boolean
  readonly built: BuiltImages
}

function whyNot(unit: Unit, { chosen, owners, sorted, beside, main, sound, built }: Rest): LeftOut | undefined {
  const others = new Set([...keysOf(unit)].flatMap((key) => owners.get(key) ?? []))
  const other = others.size === 0 ? undefined : chosen.find((each) => others.has(each))
  const clash = other === undefined ? undefined : shared(unit, other)
  if (other !== undefined && clash !== undefined) {
    return { unit, why: 'variant', instead: { path: other.path, object: nameOf(clash) } }
  }
  if (unit.problem !== undefined && sound && !isNeeded(unit, sorted, built)) return { unit, why: 'broken' }
  const own = built(unit)
  const counted = own.size === 0 ? [] : chosen.filter(({ kind }) => kind !== 'manifests' || kind !== unit.kind)
  const run = new Set(counted.flatMap((each) => [...built(each)]))
  const addsNothing = own.size > 0 && [...own].every((image) => run.has(image))
  if (addsNothing && chosen[0] !== undefined) {
    const instead = chosen.find((each) => [...built(each)].some((image) => own.has(image))) ?? chosen[0]
    return { unit, why: 'variant', instead: { path: instead.path, object: [...own][0] ?? '' } }
  }
  if (unit.kind !== 'manifests' && !hasWorkload(unit) && sorted.some(hasWorkload)) return { unit, why: 'no workload' }
  if (unit.kind !== main && own.size === 0 && chosen.length > 0) return { unit, why: 'other way' }
  const option = unit.kind === 'manifests' ? optionOf(unit, chosen, beside) : undefined
  return option === undefined ? undefined : { unit, why: 'variant', instead: option }
}

/** Whether a unit that only lacks a program runs more of what the project builds than all sound ones do. */
function isNeeded(unit: Unit, all: readonly Unit[], built: BuiltImages): boolean {
  const others = all.filter(({ problem }) => problem === undefined).flatMap((each) => [...built(each)])
  return unit.lacksTool === true && built(unit).size > new Set(others).size
}

/** An object that two units define. A namespace belongs to nobody alone. Pure. */
export function shared(a: Unit, b: Unit): KubeObject | undefined {
  const keys = keysOf(b)
  return a.objects.find((object) => keys.has(keyOf(object)))
}

const keys = new WeakMap<Unit, ReadonlySet<string>>()

function keysOf(unit: Unit): ReadonlySet<string> {
  const known = keys.get(unit)
  if (known !== undefined) return known
  const found = new Set(unit.objects.filter(({ kind }) => kind !== 'Namespace').map((object) => keyOf(object)))
  keys.set(unit, found)
  return found
}

/**
 * `shop-mysql.yaml` beside `shop.yaml` is an option if another `shop-….yaml` defines again what `shop.yaml` defines:
 * then all of them are there to be chosen from.
 */
function optionOf(unit: Unit, chosen: readonly Unit[], beside: Beside): LeftOut['instead'] {
  const name = basename(unit.path)
  const stems = [...name.matchAll(/[-_.]/g)].map(({ index }) => name.slice(0, index))
  const mains = stems.flatMap((each) => beside.get(each) ?? []).filter((each) => isOption(unit, each))
  for (const main of mains.length === 0 ? [] : chosen.filter((each) => mains.includes(each))) {
    const all = [...beside.values()].flat()
    const rival = all.find((each) => isOption(each, main) && shared(each, main) !== undefined)
    const object = rival === undefined ? undefined : shared(rival, main)
    if (object !== undefined) return { path: main.path, object: nameOf(object) }
  }
  return undefined
}

function isOption({ path }: Unit, main: Unit): boolean {
  const [name, own] = [basename(path), stem(main)]
  return path !== main.path && name.startsWith(own) && /^[-_.]/.test(name.slice(own.length))
}

function stem({ path }: Unit): string {
  return basename(path).replace(/\.(ya?ml|json)$/, '')
}
