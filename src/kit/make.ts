import { DevkError } from '../errors.ts'
import { engineLabels } from '../lib/keys.ts'
import type { KitCache } from './cache.ts'
import { engineImages, removeSuperseded } from './engine.ts'
import { type KitProgress, remainingSeconds } from './progress.ts'
import type { KitDeps, Recipe } from './recipe.ts'
import { runInOrder } from './schedule.ts'
import { openWorkshop } from './workshop.ts'

/** Two compilations share two cores well; more would only cost memory. Downloads and image builds run beside them. */
const lanes = { compile: 2, light: 2 }
const tickMs = 1000

export interface MakeOptions {
  readonly keys: ReadonlyMap<string, string>
  /** References that must keep pointing where they point. */
  readonly foreign: ReadonlySet<string>
  readonly onProgress: (event: KitProgress) => void
  readonly signal: AbortSignal
}

/** Builds these recipes, which must come after what they need. Each result is checked before it counts. */
export async function makeAll(
  deps: KitDeps,
  cache: KitCache,
  recipes: readonly Recipe[],
  options: MakeOptions,
): Promise<void> {
  const started = new Map<string, number>()
  const done = new Set<string>()
  const seconds = (name: string): number => (deps.clock() - (started.get(name) ?? deps.clock())) / 1000
  const tell = (recipe: Recipe, state: KitProgress['state'], line?: string): void => {
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
    for (const recipe of running) tell(recipe, 'running')
  }, tickMs)
  for (const recipe of recipes) tell(recipe, 'waiting')
  const make = async (recipe: Recipe, signal: AbortSignal): Promise<void> => {
    started.set(recipe.name, deps.clock())
    running.add(recipe)
    tell(recipe, 'running')
    try {
      await makeOne(deps, cache, recipe, options, (line) => tell(recipe, 'running', line), signal)
      done.add(recipe.name)
    } finally {
      running.delete(recipe)
      tell(recipe, done.has(recipe.name) ? 'done' : 'failed')
    }
  }
  try {
    await runInOrder(recipes, lanes, make, options.signal)
  } finally {
    clearInterval(tick)
  }
}

async function makeOne(
  deps: KitDeps,
  cache: KitCache,
  recipe: Recipe,
  options: MakeOptions,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const provides = recipe.provides.filter((reference) => !options.foreign.has(reference))
  const work = await openWorkshop(deps, cache, options.keys, { ...recipe, provides }, onLine, signal)
  if (recipe.kind === 'tool') {
    await recipe.build(work)
    signal.throwIfAborted()
    return cache.publish(recipe.name, work.key, work.out)
  }
  const before = [...(await engineImages(deps.images, provides, signal)).values()]
  await recipe.build(work)
  const images = await engineImages(deps.images, provides, signal)
  const unproven = provides.find((reference) => images.get(reference)?.labels[engineLabels.kitKey] !== work.key)
  if (unproven !== undefined) {
    throw new DevkError('KIT_FAILED', `${unproven} was built, but the engine has another image under that name`, {
      hint: 'Something else tags images at the same time; run devk kit build again.',
    })
  }
  const former = before.filter(({ labels }) => labels[engineLabels.kit] === recipe.name).map(({ id }) => id)
  await removeSuperseded(deps.images, former, signal)
  await cache.clean(recipe.name)
}
