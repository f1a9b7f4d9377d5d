import { readFile } from 'node:fs/promises'
import { DevkError } from '../../errors.ts'
import { baseImages } from '../../images/build/base-images.ts'
import { loadedImages, loadImage } from '../../images/load/load.ts'
import { pushImage } from '../../images/registry/push.ts'
import type { ImageRoute } from '../../platform/image-route.ts'
import { fetchImages, type Supply } from '../../platform/image-sources.ts'
import type { ImageWork } from './wanted.ts'

export interface Supplied {
  readonly built: boolean
  /** `pushed`: the nodes fetch it; `none`: they had it. */
  readonly via: 'registry' | 'archive' | 'pushed' | 'none'
  readonly buildMs: number
  readonly loadMs: number
}

/**
 * Those of these images that pods can be started from as they are. One of someone else's may be on the nodes alone, as in a cluster of an
 * earlier time or of another tool.
 */
export async function imagesInPlace(
  { engine }: Supply,
  works: readonly ImageWork[],
  place: ImageRoute,
  signal: AbortSignal,
): Promise<Set<string>> {
  if (place.remote) return new Set()
  const wanted = works
    .filter(({ request }) => request?.noCache !== true)
    .map(({ request, reference }) => ({ reference, built: request !== undefined }))
  return wanted.length === 0 ? new Set() : loadedImages(engine, wanted, place, signal)
}

/**
 * Has an image built or fetched, and on every node or where the nodes pull from: once for all nodes, and for all clusters to come.
 * Throws BUILD_FAILED, IMAGE_MISSING or
 * LOAD_FAILED.
 */
export async function supplyImage(
  supply: Supply,
  work: ImageWork,
  place: ImageRoute,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<Supplied> {
  const started = performance.now()
  const built = await onEngine(supply, work, onLine, signal)
  const buildMs = performance.now() - started
  if (place.remote)
    return {
      built,
      via: 'pushed',
      buildMs,
      loadMs: await pushImage(supply.engine, work.reference, supply.credentials, onLine, signal),
    }
  const load = await loadImage(supply.engine, { reference: work.reference, ...place }, onLine, signal)
  return { built, via: load.via, buildMs, loadMs: load.ms }
}

async function onEngine(
  supply: Supply,
  work: ImageWork,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  if (work.request === undefined) {
    await fetchImages(supply, [work.reference], onLine, signal).catch((error: unknown) => {
      if (work.namedAt === undefined || !(error instanceof DevkError)) throw error
      const { code, message, hint, details, cause } = error
      const own = { details: [`${work.namedAt} names it`, ...details], cause }
      throw new DevkError(code, message, hint === undefined ? own : { ...own, hint })
    })
    return false
  }
  if (!work.request.noCache && (await supply.engine.images.inspect(work.reference, signal)) !== undefined) return false
  await fetchImages(
    supply,
    baseImages(await readFile(work.request.dockerfile, 'utf8'), work.request.args),
    onLine,
    signal,
  )
  await supply.builder.build(work.request, onLine, signal)
  return true
}
