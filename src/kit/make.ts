import { DevkError } from '../errors.ts'
import { engineLabels } from '../lib/keys.ts'
import { engineImages, removeSuperseded } from './engine.ts'
import { type KitProgress, remainingSeconds } from './progress.ts'
import type { Recipe } from './recipe.ts'
import { runInOrder } from './schedule.ts'
import { type KitBuild, openWorkshop } from './workshop.ts'

/**
 * Two compilations use two cores well, and more only use more memory. Downloads and image builds run at the same time.
 */
const lanes = { compile: 2, light: 2 }
const tickMs = 1000

/** How recipes are built. */
export interface MakeOptions {
  /** References that must keep their images. */
  readonly foreign: ReadonlySet<string>
  /** Gets each change of a recipe, and each running recipe once a second. */
  readonly onProgress: (event: KitProgress) => void
  readonly signal: AbortSignal
}

/**
 * Builds these recipes. In the list, each must come after its dependencies. Throws TOOL_MISSING, KIT_FAILED,
 * ENGINE_UNAVAILABLE, HOST_UNFIT, or the reason of the signal.
 */
export async function makeAll(build: KitBuild, recipes: readonly Recipe[], options: MakeOptions): Promise<void> {
  const { clock } = build.deps
  const started = new Map<string, number>()
  const done = new Set<string>()
  const seconds = (name: string): number => (clock() - (started.get(name) ?? clock())) / 1000
  const report = (recipe: Recipe, state: KitProgress['state'], line?: string): void => {
    const elapsed = new Map([...started.keys()].map((name) => [name, seconds(name)]))
    options.onProgress({
      recipe: recipe.name,
      state,
      expectedSeconds: recipe.seconds,
      elapsed: seconds(recipe.name),
      remaining: remainingSeconds(recipes, done, elapsed),
      ...(line === undefined ? {} : { line }),
    })
  }
  const running = new Set<Recipe>()
  const tick = setInterval(() => {
    for (const recipe of running) report(recipe, 'running')
  }, tickMs)
  for (const recipe of recipes) report(recipe, 'waiting')
  const make = async (recipe: Recipe, signal: AbortSignal): Promise<void> => {
    started.set(recipe.name, clock())
    running.add(recipe)
    report(recipe, 'running')
    try {
      const provides = recipe.provides.filter((reference) => !options.foreign.has(reference))
      await makeOne(build, { ...recipe, provides }, (line) => report(recipe, 'running', line), signal)
      done.add(recipe.name)
    } finally {
      running.delete(recipe)
      report(recipe, done.has(recipe.name) ? 'done' : 'failed')
    }
  }
  try {
    await runInOrder(recipes, lanes, make, options.signal)
  } finally {
    clearInterval(tick)
  }
}

/** Builds one recipe, and checks that the result exists. */
async function makeOne(
  build: KitBuild,
  recipe: Recipe,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { cache } = build
  const { images } = build.deps
  const work = await openWorkshop(build, recipe, onLine, signal)
  if (recipe.kind === 'tool') {
    await recipe.build(work)
    signal.throwIfAborted()
    return cache.publish(recipe.name, work.key, work.out)
  }
  const before = [...(await engineImages(images, recipe.provides, signal)).values()]
  await recipe.build(work)
  const after = await engineImages(images, recipe.provides, signal)
  const replaced = recipe.provides.find((reference) => after.get(reference)?.labels[engineLabels.kitKey] !== work.key)
  if (replaced !== undefined) {
    throw new DevkError('KIT_FAILED', `The engine has another image as ${replaced} than the one that was just built`, {
      hint: 'Another program may have tagged an image at the same time. Run devk kit build again.',
    })
  }
  const former = before.filter(({ labels }) => labels[engineLabels.kit] === recipe.name).map(({ id }) => id)
  await removeSuperseded(images, former, signal)
  await cache.clean(recipe.name)
}
