import { inParallel } from '../../lib/parallel.ts'
import { placeOf } from '../../manifests/rendered.ts'
import type { ImageRoute } from '../../platform/image-route.ts'
import type { Supply } from '../../platform/image-sources.ts'
import type { PreparedStack } from '../../stack/deploy.ts'
import type { Loads } from '../../stack/desired/foreign-images.ts'
import { imagesOfWrites } from '../../stack/plan.ts'
import type { ConvergeHooks } from '../../terminal/progress.ts'
import { imagesInPlace, type Supplied, type SupplyOptions, supplyImage } from './supply.ts'
import { type ImageWork, imagesAtOnce } from './work.ts'

/** Images that are being built, pulled and loaded. */
export interface Supplying {
  /**
   * Resolves when the nodes have these images. References that are not among the images being supplied count as
   * available. Rejects when any image of the whole set fails before that.
   */
  arrived(references: ReadonlySet<string>): Promise<void>
  /** Resolves when the nodes have all images that are not built here; rejects as `arrived` does. */
  readonly fetched: Promise<void>
  /** The results for all images, when everything has ended. Rejects with what `supplyImage` throws. */
  readonly ended: Promise<readonly Supplied[]>
}

/**
 * Which images that are not built here devk brings to nodes that do not pull all images themselves. These still pull
 * images that need a login, for which they get Secrets, and images that are named by digest only. Pure.
 */
export function bringsToNodes({ offersKit }: Pick<Supply, 'offersKit'>): Loads {
  return ({ reference, login }) => (!login && !reference.includes('@')) || offersKit(reference)
}

/**
 * The images that the plan needs on the nodes. Those that are pulled come first, since they arrive sooner than built
 * ones. Pure.
 */
export function imagesFor(
  works: readonly ImageWork[],
  { plan, desired }: PreparedStack,
  route: Pick<ImageRoute, 'remote'>,
): ImageWork[] {
  const used = imagesOfWrites(plan.actions)
  const known = new Set(works.map(({ reference }) => reference))
  const foreign = desired.images.filter(({ reference, loaded }) => loaded && !known.has(reference))
  const others = foreign.map(({ reference, origin }) => ({
    owner: reference,
    reference,
    request: undefined,
    namedAt: placeOf(origin),
  }))
  const built = works.filter((work) => !isPulled(work))
  // Nodes that pull images themselves also pull those that are not built here.
  const all = route.remote ? built : [...others, ...works.filter(isPulled), ...built]
  return all.filter(({ reference }) => used.has(reference))
}

function isPulled({ request }: ImageWork): boolean {
  return request === undefined
}

/** Starts to bring images to the nodes. Images that every node has already take no turn. */
export function beginSupply(
  works: readonly ImageWork[],
  { hooks, ...options }: SupplyOptions & { readonly hooks: Pick<ConvergeHooks, 'image'> },
  signal: AbortSignal,
): Supplying {
  const arrivals = new Map(works.map(({ reference }) => [reference, Promise.withResolvers<void>()]))
  for (const { promise } of arrivals.values()) promise.catch(() => {})
  const show = async (work: ImageWork, run: (onLine: (line: string) => void) => Promise<Supplied>) => {
    const supplied = await hooks.image(work.owner, run, ({ built, via }) =>
      [built ? 'built' : 'on the engine', viaText[via]].join(', '),
    )
    arrivals.get(work.reference)?.resolve()
    return supplied
  }
  const run = async (): Promise<Supplied[]> => {
    const inPlace = await imagesInPlace(options.supply, works, options.route, signal)
    const present = works.filter(({ reference }) => inPlace.has(reference))
    const rest = works.filter(({ reference }) => !inPlace.has(reference))
    const nothing = { built: false, via: 'none', buildMs: 0, loadMs: 0 } as const
    return [
      ...(await Promise.all(present.map((work) => show(work, async () => nothing)))),
      ...(await inParallel(rest, imagesAtOnce, (work) =>
        show(work, (onLine) => supplyImage(work, options, onLine, signal)),
      )),
    ]
  }
  const ended = run()
  ended.catch((error: unknown) => {
    for (const { reject } of arrivals.values()) reject(error)
  })
  const arrived: Supplying['arrived'] = async (references) => {
    await Promise.all([...references].map((reference) => arrivals.get(reference)?.promise))
  }
  const fetched = arrived(new Set(works.filter(isPulled).map(({ reference }) => reference)))
  fetched.catch(() => {})
  return { arrived, fetched, ended }
}

const viaText = {
  registry: 'loaded (registry)',
  archive: 'loaded (archive)',
  pushed: 'pushed',
  none: 'on every node',
} as const
