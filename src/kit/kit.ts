import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import { acquireLock } from '../state/lock.ts'
import { type KitCache, kitCache } from './cache.ts'
import { keyFacts } from './facts.ts'
import { hostGo } from './gobuild.ts'
import { recipeKeys } from './keys.ts'
import { makeAll } from './make.ts'
import { missing } from './order.ts'
import { lookUp, type Presence } from './presence.ts'
import { type KitProgress, remainingSeconds } from './progress.ts'
import type { KitDeps, Recipe } from './recipe.ts'
import { catalogue, needsGo } from './recipes/catalogue.ts'
import { recipesNamed } from './references.ts'

export type { KitProgress } from './progress.ts'
export type { KitDeps, KitPlatform } from './recipe.ts'

/** One thing the kit offers. */
export interface KitItem {
  readonly name: string
  readonly kind: 'image' | 'tool'
  readonly version: string
  /** Image references, or program names in devk's `bin` cache folder. */
  readonly provides: readonly string[]
  /** What a stand-in really is; undefined for a program. */
  readonly standIn: string | undefined
  /** Built only when it is named. */
  readonly onDemand: boolean
  /** It is there, in the version this devk would build or from elsewhere. */
  readonly present: boolean
  /** Every name belongs to an image the kit did not make. */
  readonly foreign: boolean
  /** Bytes, when there is one. */
  readonly size: number | undefined
  /** Until it would be there, with all it rests on; 0 when present. */
  readonly expectedSeconds: number
}

export interface BuildKitOptions {
  /** Recipe names, program names or image references; all that is not built on demand only when left out. */
  readonly only?: readonly string[]
  /** Builds the named ones again when they are there, and takes their names from images from elsewhere. */
  readonly force?: boolean
  readonly onProgress?: (event: KitProgress) => void
  readonly signal: AbortSignal
}

/** References of the images the kit can make. */
export function kitImages(arch = 'x64'): string[] {
  return offered(catalogue(arch, true)).flatMap(({ kind, provides }) => (kind === 'image' ? provides : []))
}

/** What the kit offers and what of it is there. Throws ENGINE_UNAVAILABLE. */
export async function kitStatus(deps: KitDeps, signal: AbortSignal): Promise<KitItem[]> {
  const recipes = catalogue(deps.platform.arch, true)
  const keys = recipeKeys(recipes, await keyFacts(deps, recipes))
  const found = await lookUp(deps, kitCache(deps.cacheDir), { recipes, keys, replace: false }, signal)
  return offered(recipes).map((recipe) => ({
    name: recipe.name,
    kind: recipe.kind,
    version: recipe.version,
    provides: recipe.provides,
    standIn: recipe.standIn,
    onDemand: recipe.onDemand,
    present: found.present.has(recipe.name),
    foreign: recipe.provides.length > 0 && recipe.provides.every((reference) => found.foreign.has(reference)),
    size: found.sizes.get(recipe.name),
    expectedSeconds: remainingSeconds(missing(recipes, [recipe.name], found.present), new Set(), new Map()),
  }))
}

/**
 * Builds what is missing of the kit, in parallel where it helps. Safe to repeat; interrupted, it goes on where it was. Throws USAGE
 * for what the kit cannot make, HOST_UNFIT or TOOL_MISSING with what the machine lacks, KIT_FAILED with the failing program's last
 * lines, and the signal's reason when aborted, after the programs it started have ended.
 */
export async function buildKit(deps: KitDeps, options: BuildKitOptions): Promise<void> {
  requireLinux(deps)
  const cache = kitCache(deps.cacheDir)
  const { onProgress = () => {}, signal } = options
  let pending = await pendingBuild(deps, cache, options)
  if (pending.todo.length > 0) {
    // One build at a time, in this process and others: they share folders and names. The one before may have done it all.
    const path = join(deps.cacheDir, 'kit')
    const lock = await acquireLock({ path, command: 'devk kit build', pid: process.pid, signal, wait: Infinity })
    try {
      pending = await pendingBuild(deps, cache, options)
      const { todo, keys, found } = pending
      await makeAll(deps, cache, todo, { keys, foreign: found.foreign, onProgress, signal })
    } finally {
      await lock.release()
    }
  }
  for (const recipe of pending.recipes.filter(({ name, kind }) => kind === 'tool' && pending.wanted.includes(name))) {
    const output = cache.outputDir(recipe.name, pending.keys.get(recipe.name) ?? '')
    for (const program of recipe.provides) await cache.link(program, join(output, program))
  }
}

/** What a build has to do. */
interface PendingBuild {
  readonly recipes: readonly Recipe[]
  /** Names of the recipes that were asked for. */
  readonly wanted: readonly string[]
  readonly keys: ReadonlyMap<string, string>
  readonly found: Presence
  readonly todo: readonly Recipe[]
}

async function pendingBuild(
  deps: KitDeps,
  cache: KitCache,
  options: BuildKitOptions,
  machineHasGo = true,
): Promise<PendingBuild> {
  const recipes = catalogue(deps.platform.arch, machineHasGo)
  const wanted = options.only
    ? recipesNamed(recipes, options.only)
    : offered(recipes).flatMap(({ name, onDemand }) => (onDemand ? [] : [name]))
  const keys = recipeKeys(recipes, await keyFacts(deps, recipes))
  const force = options.force ?? false
  const found = await lookUp(deps, cache, { recipes, keys, replace: force }, options.signal)
  const present = new Set([...found.present].filter((name) => !force || !wanted.includes(name)))
  const todo = missing(recipes, wanted, present)
  const lacksGo = machineHasGo && todo.some(needsGo) && (await hostGo(deps, options.signal)) === undefined
  return lacksGo ? pendingBuild(deps, cache, options, false) : { recipes, wanted, keys, found, todo }
}

function offered(recipes: readonly Recipe[]): Recipe[] {
  return recipes.filter(({ internal }) => !internal)
}

function requireLinux({ platform }: KitDeps): void {
  if (platform.os === 'linux' && (platform.arch === 'x64' || platform.arch === 'arm64')) return
  throw new DevkError(
    'HOST_UNFIT',
    `The kit builds on Linux (x64, arm64) only; this is ${platform.os} ${platform.arch}`,
    {
      hint: 'Let the machine reach a container registry, or load the images with docker load.',
    },
  )
}
