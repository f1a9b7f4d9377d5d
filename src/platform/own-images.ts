import type { Engine } from '../engine/api.ts'
import type { ImageInfo } from '../engine/image-api.ts'
import { DevkError } from '../errors.ts'
import { repositoryOf } from '../lib/image-reference.ts'
import { engineLabels } from '../lib/keys.ts'
import type { SeenImages } from '../state/seen-images.ts'
import { fetchImages, type Supply } from './image-sources.ts'

/** An image that devk chooses, not the project. */
export interface OwnImage {
  readonly reference: string
  /** The digest that devk or the preset names; undefined when it is not known. */
  readonly digest?: string | undefined
}

/** What finding an own image needs. */
export interface OwnImageSource {
  readonly engine: { readonly images: Pick<Engine['images'], 'inspect'> }
  readonly seen: SeenImages
}

/**
 * Makes sure that the engine has these images, and that each is the one that devk names, or used the first time.
 * Without a known digest it records, and shows, what the first pull got. A pulled image that is another one is removed
 * again. Throws IMAGE_CHANGED, and what fetchImages throws.
 */
export async function fetchOwnImages(
  supply: Pick<Supply, 'engine' | 'offersKit' | 'buildKit' | 'credentials' | 'seen'>,
  images: readonly OwnImage[],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const references = images.map(({ reference }) => reference)
  const pulled = await fetchImages(supply, references, onLine, signal)
  for (const image of images) {
    const { reference } = image
    const found = await supply.engine.images.inspect(reference, signal)
    const expected = await expectedDigest(image, supply.seen)
    const isPulled = pulled.has(reference)
    try {
      requireSame(image, { found, expected, isPulled, file: supply.seen.fileOf(reference) })
    } catch (error) {
      if (isPulled) await supply.engine.images.remove(reference, signal)
      throw error
    }
    const digest = expected === undefined && comesFromRegistry(found, isPulled) ? digestIn(found, reference) : undefined
    if (digest === undefined) continue
    await supply.seen.record(reference, digest)
    onLine(`${reference} is ${digest} from now on`)
  }
}

/**
 * Whether the engine has an own image. Pulls nothing and records nothing. Throws IMAGE_CHANGED when it has another one
 * under this name.
 */
export async function hasOwnImage(source: OwnImageSource, image: OwnImage, signal: AbortSignal): Promise<boolean> {
  const { reference } = image
  const found = await source.engine.images.inspect(reference, signal)
  if (found === undefined) return false
  const expected = await expectedDigest(image, source.seen)
  requireSame(image, { found, expected, isPulled: false, file: source.seen.fileOf(reference) })
  return true
}

async function expectedDigest({ reference, digest }: OwnImage, seen: SeenImages): Promise<string | undefined> {
  return digest ?? reference.split('@')[1] ?? seen.digestOf(reference)
}

interface Comparison {
  readonly found: ImageInfo | undefined
  readonly expected: string | undefined
  /** devk has pulled it just now. */
  readonly isPulled: boolean
  /** The file that records the digest. */
  readonly file: string
}

function requireSame(image: OwnImage, { found, expected, isPulled, file }: Comparison): void {
  const known = found?.repoDigests ?? []
  const isSame = expected === undefined || known.some((name) => name.endsWith(`@${expected}`))
  if (isSame || !comesFromRegistry(found, isPulled)) return
  const { reference, digest } = image
  const details = [`expected ${expected}`, `${isPulled ? 'the registry' : 'the engine'} has ${known.join(', ')}`]
  if (digest !== undefined) {
    throw new DevkError('IMAGE_CHANGED', `The image ${reference} is not the one that devk pins`, {
      details,
      hint: `Run docker rmi ${reference}, and devk up where the registry of the publisher can be reached.`,
    })
  }
  throw new DevkError('IMAGE_CHANGED', `The image ${reference} is not the one that devk has used so far`, {
    details,
    hint:
      `Ask its publisher whether the tag was published again. To accept the new image, run rm '${file}', ` +
      'and devk up again.',
  })
}

/**
 * An image that was loaded here has no digest of a registry. One that the kit built may have one, depending on the
 * store of the engine; that an image says so counts only if devk has not just pulled it.
 */
function comesFromRegistry(found: ImageInfo | undefined, isPulled: boolean): boolean {
  if ((found?.repoDigests ?? []).length === 0) return false
  return isPulled || found?.labels?.[engineLabels.kit] === undefined
}

function digestIn(found: ImageInfo | undefined, reference: string): string | undefined {
  const names = found?.repoDigests ?? []
  const own = names.find((name) => repositoryOf(name) === repositoryOf(reference)) ?? names[0]
  return own?.split('@')[1]
}
