import { join } from 'node:path'
import { DevkError } from '../errors.ts'
import { shortReference } from '../lib/image-reference.ts'
import { engineLabels } from '../lib/keys.ts'
import { type KitCache, kitCache } from './cache.ts'
import { keyFacts } from './facts.ts'
import { standInFor } from './families.ts'
import { hostGo } from './find-go.ts'
import { recipeKeys } from './keys.ts'
import { makeAll } from './make.ts'
import { missing } from './order.ts'
import { lookUp, type Presence } from './presence.ts'
import { type KitProgress, remainingSeconds } from './progress.ts'
import type { KitDeps, Recipe } from './recipe.ts'
import { catalogue, needsGo } from './recipes/catalogue.ts'
import { recipesNamed } from './references.ts'
import { kitTurn } from './turn.ts'

export type { KitProgress } from './progress.ts'
export type { KitDeps, KitPlatform } from './recipe.ts'

/** An image or a tool that the kit can build. */
export interface KitItem {
  readonly name: string
  readonly kind: 'image' | 'tool'
  readonly version: string
  /** References of the image, or names of the programs in the folder `bin` of devk's cache. */
  readonly provides: readonly string[]
  /** What an image with an upstream name contains; undefined for a tool. */
  readonly standIn: string | undefined
  /** Built only when a project needs it, or the user names it. */
  readonly onDemand: boolean
  /** It exists: as this version of devk would build it, or as a foreign image. */
  readonly present: boolean
  /** All its references belong to images that the kit did not build. */
  readonly foreign: boolean
  /** Bytes; undefined if it does not exist. */
  readonly size: number | undefined
  /** Time to build it with its missing dependencies; 0 if it is present. */
  readonly expectedSeconds: number
}

/** What to build. */
export interface BuildKitOptions {
  /** Names of recipes, names of programs, or image references. Default: everything that is not built on demand. */
  readonly only?: readonly string[]
  /** Builds existing images and tools again, and replaces foreign images. */
  readonly force?: boolean
  readonly onProgress?: (event: KitProgress) => void
  /** Called with an image that was asked for, and the one of the kit that stands in for it. */
  readonly onStandIn?: (wanted: string, source: string) => void
  /** Called with another devk that builds on this machine, and that this one waits for. */
  readonly onWait?: (holder: string) => void
  readonly signal: AbortSignal
}

/**
 * Whether the kit can build an image of a reference: one that it provides, or that it has a stand-in for. `arch` is a
 * processor architecture, as Node.js names it.
 */
export function kitOffer(arch: string): (reference: string) => boolean {
  const recipes = offered(catalogue(arch, true))
  const provided = new Set(kitImages(arch))
  return (reference) => provided.has(shortReference(reference)) || standInFor(recipes, reference) !== undefined
}

/** References of the images that the kit provides. `arch` is a processor architecture, as Node.js names it. */
export function kitImages(arch = 'x64'): string[] {
  return offered(catalogue(arch, true)).flatMap(({ kind, provides }) => (kind === 'image' ? provides : []))
}

/** What the kit can build, and which of it exists. Throws ENGINE_UNAVAILABLE. */
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
 * Builds the missing parts of the kit, and links its tools. Independent parts are built in parallel. Safe to repeat:
 * after an interruption it continues with what is missing. Throws USAGE for a name that the kit cannot build,
 * HOST_UNFIT or TOOL_MISSING if the machine lacks something, KIT_FAILED with the last lines of the failed program,
 * ENGINE_UNAVAILABLE. On abort it waits until the programs that it started have ended, then throws the reason of the
 * signal.
 */
export async function buildKit(deps: KitDeps, options: BuildKitOptions): Promise<void> {
  requireLinux(deps)
  const cache = kitCache(deps.cacheDir)
  const { onProgress = () => {}, onWait = () => {}, signal } = options
  let pending = await pendingBuild(deps, cache, options)
  if (pending.todo.length > 0) {
    const lock = await kitTurn({
      path: join(deps.cacheDir, 'locks/kit'),
      command: ['devk kit build', ...(options.only ?? [])].join(' '),
      signal,
      onWait,
      async isDone() {
        pending = await pendingBuild(deps, cache, options)
        return pending.todo.length === 0
      },
    })
    try {
      if (lock !== undefined) {
        // The one that had the lock before may have built a part.
        pending = await pendingBuild(deps, cache, options)
        const { todo, keys, found } = pending
        await makeAll({ deps, cache, keys }, todo, { foreign: found.foreign, onProgress, signal })
      }
    } finally {
      await lock?.release()
    }
  }
  await tagStandIns(deps, options, pending.recipes)
  for (const recipe of pending.recipes.filter(({ name, kind }) => kind === 'tool' && pending.wanted.includes(name))) {
    const output = cache.outputDir(recipe.name, pending.keys.get(recipe.name) ?? '')
    for (const program of recipe.provides) await cache.link(program, join(output, program))
  }
}

/** Gives the images that stand in for others the names that were asked for. An image of someone else keeps its name. */
async function tagStandIns(
  { images }: KitDeps,
  { only = [], force = false, onStandIn = () => {}, signal }: BuildKitOptions,
  recipes: readonly Recipe[],
): Promise<void> {
  const provided = new Set(recipes.flatMap(({ provides }) => provides))
  for (const word of only) {
    // The name of a recipe may also be that of an image without a tag.
    const reference = shortReference(word)
    const [source] = standInFor(recipes, word)?.provides ?? []
    if (source === undefined || provided.has(reference)) continue
    const existing = await images.inspect(reference, signal)
    const isOurs = existing === undefined || existing.labels[engineLabels.kit] !== undefined
    if (!isOurs && !force) continue
    await images.tag(source, reference, signal)
    onStandIn(word, source)
  }
}

/** What a call of buildKit has to do. */
interface PendingBuild {
  readonly recipes: readonly Recipe[]
  /** Names of the requested recipes. */
  readonly wanted: readonly string[]
  readonly keys: ReadonlyMap<string, string>
  readonly found: Presence
  /** Recipes to build, each after its dependencies. */
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
  const lacksGo = machineHasGo && todo.some(needsGo) && (await hostGo(deps.runner, options.signal)) === undefined
  return lacksGo ? pendingBuild(deps, cache, options, false) : { recipes, wanted, keys, found, todo }
}

function offered(recipes: readonly Recipe[]): Recipe[] {
  return recipes.filter(({ internal }) => !internal)
}

function requireLinux({ platform }: KitDeps): void {
  if (platform.os === 'linux' && (platform.arch === 'x64' || platform.arch === 'arm64')) return
  throw new DevkError(
    'HOST_UNFIT',
    `The kit cannot build on ${platform.os} ${platform.arch}, only on Linux (x64, arm64)`,
    {
      hint: 'Give this machine access to a container registry, or load the images with docker load.',
    },
  )
}
