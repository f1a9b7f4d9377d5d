import { readFile } from 'node:fs/promises'
import type { Engine } from '../../engine/api.ts'
import { DevkError } from '../../errors.ts'
import { baseImages } from '../../images/build/base-images.ts'
import type { ImageBuilder } from '../../images/build/request.ts'
import { loadedImages, loadImage } from '../../images/load/load.ts'
import type { CredentialSource } from '../../images/registry/credentials.ts'
import { pushImage } from '../../images/registry/push.ts'
import type { ImageRoute } from './route.ts'
import type { ImageWork } from './work.ts'

/** Where images come from, besides builds. */
export interface Supply {
  readonly engine: Engine
  readonly builder: ImageBuilder
  /** How one logs in to a registry; undefined where nobody has to. */
  readonly credentials: CredentialSource
  /** Whether the kit can make an image of this reference. */
  offersKit(reference: string): boolean
  /** Makes images with the kit, with its own progress display. */
  buildKit(references: readonly string[], onLine: (line: string) => void, signal: AbortSignal): Promise<void>
}

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

/** Has images on the engine: those it lacks are pulled; what cannot be pulled is made by the kit when the kit knows it. */
export async function fetchImages(
  supply: Pick<Supply, 'engine' | 'offersKit' | 'buildKit'>,
  references: readonly string[],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const refused = new Map<string, unknown>()
  for (const reference of references) {
    if ((await supply.engine.images.inspect(reference, signal)) !== undefined) continue
    await supply.engine.images.pull(reference, onLine, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      if (error instanceof DevkError && error.code === 'DISK_FULL') throw error
      refused.set(reference, error)
    })
  }
  const fromKit = [...refused.keys()].filter((reference) => supply.offersKit(reference))
  const lost = [...refused].find(([reference]) => !fromKit.includes(reference))
  if (lost !== undefined) {
    throw new DevkError('IMAGE_MISSING', `${lost[0]} cannot be pulled, and the kit does not build it`, {
      cause: lost[1],
      details: lost[1] instanceof Error ? [lost[1].message] : [],
      hint: 'devk kit status lists what the kit builds. An image of that name on the engine is used as it is.',
    })
  }
  if (fromKit.length > 0) {
    onLine(`no container registry answers: the kit builds ${fromKit.join(', ')}`)
    await supply.buildKit(fromKit, onLine, signal)
  }
}
