import { inParallel } from '../../lib/parallel.ts'
import { placeOf } from '../../manifests/rendered.ts'
import type { ImageRoute } from '../../platform/image-route.ts'
import type { Supply } from '../../platform/image-sources.ts'
import type { PreparedStack } from '../../stack/deploy.ts'
import type { ForeignImage } from '../../stack/desired/desired.ts'
import { imagesOfWrites } from '../../stack/plan.ts'
import type { ConvergeHooks } from '../../terminal/progress.ts'
import { imagesInPlace, type Supplied, supplyImage } from './supply.ts'
import type { ImageWork } from './wanted.ts'

/** Images on their way to the nodes. */
export interface Supplying {
  /** Resolves when these are there, those at once that nobody here brings; rejects when one of all cannot be had. */
  arrived(references: ReadonlySet<string>): Promise<void>
  /** Resolves when all are there that nobody builds; rejects as `arrived` does. */
  readonly fetched: Promise<void>
  /** All that was done, once nothing is under way any more. Throws what `supplyImage` throws. */
  readonly ended: Promise<readonly Supplied[]>
}

/** The images that have to be brought to the nodes before the plan is carried out; those that nobody builds come first, being sooner there. */
export function imagesFor(
  works: readonly ImageWork[],
  { plan, desired }: PreparedStack,
  { supply, route }: { readonly supply: Supply; readonly route: ImageRoute },
): ImageWork[] {
  const used = imagesOfWrites(plan.actions)
  const known = new Set(works.map(({ reference }) => reference))
  // What needs a login is left to the nodes, which get the Secrets for it; so is what has no name but its digest.
  const isForNodes = ({ reference, login }: ForeignImage) => login || reference.includes('@')
  const isOurs = (image: ForeignImage) =>
    !known.has(image.reference) && (!isForNodes(image) || supply.offersKit(image.reference))
  const others = (route.remote ? [] : desired.images.filter(isOurs)).map(({ reference, origin }) => ({
    owner: reference,
    reference,
    request: undefined,
    namedAt: placeOf(origin),
  }))
  const built = works.filter((work) => !isFetched(work))
  // Nodes that fetch images themselves fetch those too that nobody builds.
  const all = route.remote ? built : [...others, ...works.filter(isFetched), ...built]
  return all.filter(({ reference }) => used.has(reference))
}

function isFetched({ request }: ImageWork): boolean {
  return request === undefined
}

/** Begins to bring images to the nodes, two at a time but for those that are there. */
export function beginSupply(
  works: readonly ImageWork[],
  { supply, route, hooks }: { supply: Supply; route: ImageRoute; hooks: Pick<ConvergeHooks, 'image'> },
  signal: AbortSignal,
): Supplying {
  const arrivals = new Map(works.map(({ reference }) => [reference, Promise.withResolvers<void>()]))
  for (const { promise } of arrivals.values()) promise.catch(() => {})
  const show = async (work: ImageWork, run: (onLine: (line: string) => void) => Promise<Supplied>) => {
    const supplied = await hooks.image(work.owner, run, ({ built, via }) =>
      [built ? 'built' : 'on the engine', words[via]].join(', '),
    )
    arrivals.get(work.reference)?.resolve()
    return supplied
  }
  const run = async (): Promise<Supplied[]> => {
    const inPlace = await imagesInPlace(supply, works, route, signal)
    const there = works.filter(({ reference }) => inPlace.has(reference))
    const rest = works.filter(({ reference }) => !inPlace.has(reference))
    const nothing = { built: false, via: 'none', buildMs: 0, loadMs: 0 } as const
    return [
      ...(await Promise.all(there.map((work) => show(work, async () => nothing)))),
      ...(await inParallel(rest, 2, (work) =>
        show(work, (onLine) => supplyImage(supply, work, route, onLine, signal)),
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
  const fetched = arrived(new Set(works.filter(isFetched).map(({ reference }) => reference)))
  fetched.catch(() => {})
  return { arrived, fetched, ended }
}

const words = {
  registry: 'loaded (registry)',
  archive: 'loaded (archive)',
  pushed: 'pushed',
  none: 'on every node',
} as const
