import { DevkError } from '../../errors.ts'
import { fetchImages, type Supply } from '../../platform/image-sources.ts'
import type { Preset } from '../../presets/folder.ts'

/**
 * The images of a preset: the name in its manifests → the image that runs. Or why one is not available, and how to get
 * it.
 */
export type PresetImages =
  | { readonly images: ReadonlyMap<string, string> }
  | { readonly unavailable: string; readonly get: string }

type Source = Pick<Supply, 'engine' | 'offersKit' | 'buildKit' | 'credentials'>
type Wanted = Preset['images'][number]

/**
 * Makes sure that the engine has each image of the preset in `written`: the published one, or one that the kit builds
 * in its place. Throws LOAD_FAILED when an image does not have the digest in preset.yaml, and BUILD_FAILED or
 * KIT_FAILED when the kit fails.
 */
export async function presetImages(
  { preset, written }: { readonly preset: Preset; readonly written: readonly string[] },
  supply: Source,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<PresetImages> {
  const images = new Map<string, string>()
  for (const image of written) {
    const wanted: Wanted = preset.images.find((each) => each.image === image) ?? { image, available: true }
    const use = await onEngine(wanted, supply, signal)
    const found = use === undefined ? await fetched(wanted, supply, onLine, signal) : { use }
    if ('error' in found) {
      const reason = wanted.reason ?? found.error.details[0] ?? found.error.message
      return {
        unavailable: `${image} is not available: ${reason}`,
        get:
          wanted.get ??
          `load an image of that name with docker load, or run devk up where a container registry can be reached`,
      }
    }
    images.set(image, found.use)
  }
  return { images }
}

/** The same for images that the engine already has; the others keep their name. Pulls nothing. Throws LOAD_FAILED. */
export async function imagesAtHand(
  preset: Preset,
  written: readonly string[],
  engine: Pick<Source['engine'], 'images'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    written.map(async (image) => {
      const wanted: Wanted = preset.images.find((each) => each.image === image) ?? { image, available: true }
      return [image, (await onEngine(wanted, { engine }, signal)) ?? image] as const
    }),
  )
  return new Map(found)
}

/** The image that the engine already has. It only looks, so that an `up` without changes is fast. */
async function onEngine(
  { image, kit, digest }: Wanted,
  { engine }: { readonly engine: Pick<Source['engine'], 'images'> },
  signal: AbortSignal,
): Promise<string | undefined> {
  const found = await engine.images.inspect(image, signal)
  if (found !== undefined) {
    requireDigest(image, digest, found.repoDigests ?? [])
    return image
  }
  return kit !== undefined && (await engine.images.inspect(kit, signal)) !== undefined ? kit : undefined
}

async function fetched(
  { image, kit, digest }: Wanted,
  supply: Source,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<{ use: string } | { error: DevkError }> {
  const offered = kit !== undefined && !supply.offersKit(image) ? kit : undefined
  try {
    await fetchImages(supply, [image], onLine, signal)
    const found = await supply.engine.images.inspect(image, signal)
    requireDigest(image, digest, found?.repoDigests ?? [])
    return { use: image }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof DevkError) || error.code !== 'IMAGE_MISSING') throw error
    if (offered === undefined) return { error }
    await fetchImages(supply, [offered], onLine, signal)
    return { use: offered }
  }
}

/** An image that was built or loaded here has no registry digest, and is accepted. */
function requireDigest(image: string, digest: string | undefined, known: readonly string[]): void {
  if (digest === undefined || known.length === 0 || known.some((name) => name.endsWith(`@${digest}`))) return
  throw new DevkError('LOAD_FAILED', `The image ${image} is not the one that the preset pins`, {
    details: [`expected ${digest}`, `the engine has ${known.join(', ')}`],
    hint: `Run docker rmi ${image}; devk up then pulls it again.`,
  })
}
