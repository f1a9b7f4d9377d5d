import { readFile } from 'node:fs/promises'
import { DevkError } from '../../errors.ts'
import type { BuildRequest } from '../../images/build/request.ts'
import { neededStages } from '../../images/build/stages.ts'
import { pushImage } from '../../images/registry/push.ts'
import type { ImageRoute } from '../../platform/image-route.ts'
import { fetchImages, type Supply } from '../../platform/image-sources.ts'
import type { EarlyImages } from './early.ts'
import type { ImageWork } from './work.ts'

/** A source was written while the builder read it, so that nobody knows what is in the image. It was removed. */
export class SourcesChanged extends DevkError {
  constructor(owner: string, file: string) {
    super('BUILD_FAILED', `${file} changed while the image of ${owner} was built`, {
      hint:
        'Run the command again. If a program keeps writing the file, add it to .dockerignore, or leave it out of ' +
        'build.watch.',
    })
  }
}

const attempts = 3

/**
 * Calls `run` again while sources change during a build, so that it reads them again. The last attempt takes the image
 * as it is: a program that keeps writing must not keep the stack from coming up.
 */
export async function untilUnchanged<T>(run: (isLast: boolean) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run(attempt === attempts)
    } catch (error) {
      if (!(error instanceof SourcesChanged) || attempt === attempts) throw error
    }
  }
}

/**
 * The same work, whatever happens to its sources while it is built. A command that writes what it is watched for stays
 * a failure: in the loop, each of its runs would start the next one.
 */
export function anyway({ changed, bases, ...work }: ImageWork): ImageWork {
  const kept = work.source === undefined || changed === undefined ? {} : { changed }
  return { ...work, ...kept, ...(bases === undefined ? {} : { bases: bases.map(anyway) }) }
}

/** What bringing one image to the nodes took. */
export interface Supplied {
  readonly built: boolean
  /** `pushed`: the nodes pull it themselves; `none`: every node has it already. */
  readonly via: 'registry' | 'archive' | 'pushed' | 'none'
  readonly buildMs: number
  readonly loadMs: number
}

/**
 * The references of those images that every node has already. A pulled image may be on the nodes and not on the engine,
 * for example in a cluster that another tool filled. Throws what asking the nodes throws.
 */
export async function imagesInPlace(
  { loader }: Pick<Supply, 'loader'>,
  works: readonly ImageWork[],
  route: ImageRoute,
  signal: AbortSignal,
): Promise<Set<string>> {
  if (route.remote) return new Set()
  const wanted = works
    .filter(({ request }) => request?.noCache !== true)
    .map(({ request, reference }) => ({ reference, built: request !== undefined }))
  return wanted.length === 0 ? new Set() : loader.loaded(wanted, route, signal)
}

/** Where images come from and where they go. */
export interface SupplyOptions {
  readonly supply: Supply
  readonly route: ImageRoute
  /** Images that may be on their way to the engine. */
  readonly early?: EarlyImages | undefined
}

/**
 * Builds or pulls an image, then loads it onto every node or pushes it to where the nodes pull from. The engine keeps
 * it for other clusters. Throws BUILD_FAILED, IMAGE_MISSING or LOAD_FAILED.
 */
export async function supplyImage(
  work: ImageWork,
  { supply, route, early }: SupplyOptions,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<Supplied> {
  const started = performance.now()
  const built = await bringOntoEngine(work, { supply, early }, onLine, signal)
  const buildMs = performance.now() - started
  if (route.remote) {
    const source = { reference: work.reference, credentials: supply.credentials }
    return { built, via: 'pushed', buildMs, loadMs: await pushImage(supply.engine, source, onLine, signal) }
  }
  const load = await supply.loader.load({ reference: work.reference, ...route }, onLine, signal)
  return { built, via: load.via, buildMs, loadMs: load.ms }
}

/**
 * Builds or pulls an image unless the engine has it. Gives whether it was built. Throws BUILD_FAILED or IMAGE_MISSING.
 */
export async function bringOntoEngine(
  work: ImageWork,
  { supply, early }: Pick<SupplyOptions, 'supply' | 'early'>,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const isBuilt = (await early?.take(work.owner, onLine)) ?? false
  if (work.request === undefined) {
    await fetchImages(supply, [work.reference], onLine, signal).catch((error: unknown) => {
      if (work.namedAt === undefined || !(error instanceof DevkError)) throw error
      const { code, message, hint, details, cause } = error
      const own = { details: [`Used in ${work.namedAt}`, ...details], cause }
      throw new DevkError(code, message, hint === undefined ? own : { ...own, hint })
    })
    return false
  }
  const { request, bases = [], nameNow, source } = work
  if (!request.noCache && (await supply.engine.images.inspect(request.tag, signal)) !== undefined) return isBuilt
  for (const base of bases) await bringOntoEngine(base, { supply, early }, onLine, signal)
  if (source === undefined) await fetchBases(supply, request, onLine, signal)
  const name = request.noCache ? undefined : await nameNow?.(signal)
  const build = async () => void (await supply.builder.build(request, onLine, signal))
  if (source === undefined) await build()
  else await source.use(build, supply.engine.images, onLine, signal)
  const changed = await work.changed?.()
  if (changed !== undefined) {
    // The name is that of other sources. It must not be found when somebody has them.
    await supply.engine.images.remove(request.tag, signal)
    throw new SourcesChanged(work.owner, changed)
  }
  // The engine has the bases now, so the same sources have another name at the next comparison.
  if (name !== undefined && name !== request.tag) await supply.engine.images.tag(request.tag, name, signal)
  return true
}

async function fetchBases(
  supply: Supply,
  { dockerfile, args, target, contexts }: BuildRequest,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { images } = neededStages(await readFile(dockerfile, 'utf8'), args, target)
  // Only BuildKit knows which bases it needs and can have, for example with a login or from another stage.
  const foreign = images.filter((image) => contexts[image] === undefined)
  await fetchImages(supply, foreign, onLine, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    if (!(error instanceof DevkError) || error.code !== 'IMAGE_MISSING') throw error
  })
}
