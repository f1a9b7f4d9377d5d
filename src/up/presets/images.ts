import { DevkError } from '../../errors.ts'
import type { Supply } from '../../platform/image-sources.ts'
import { fetchOwnImages, hasOwnImage, type OwnImageSource } from '../../platform/own-images.ts'
import type { Preset } from '../../presets/folder.ts'

/**
 * The images of a preset: the name in its manifests → the image that runs. Or why one is not available, and how to get
 * it.
 */
export type PresetImages =
  | { readonly images: ReadonlyMap<string, string> }
  | { readonly unavailable: string; readonly get: string }

type Source = Pick<Supply, 'engine' | 'offersKit' | 'buildKit' | 'credentials' | 'seen'>
type Wanted = Preset['images'][number]

/**
 * Makes sure that the engine has each image of the preset in `written`: the published one, or one that the kit builds
 * in its place. Throws IMAGE_CHANGED when an image is not the one that the preset names, or that devk has used so far,
 * and BUILD_FAILED or KIT_FAILED when the kit fails.
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

/** The same for images that the engine already has; the others keep their name. Pulls nothing. Throws IMAGE_CHANGED. */
export async function imagesAtHand(
  preset: Preset,
  written: readonly string[],
  source: OwnImageSource,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    written.map(async (image) => {
      const wanted: Wanted = preset.images.find((each) => each.image === image) ?? { image, available: true }
      return [image, (await onEngine(wanted, source, signal)) ?? image] as const
    }),
  )
  return new Map(found)
}

/** The image that the engine already has. It only looks, so that an `up` without changes is fast. */
async function onEngine(
  { image, kit, digest }: Wanted,
  source: OwnImageSource,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (await hasOwnImage(source, { reference: image, digest }, signal)) return image
  return kit !== undefined && (await source.engine.images.inspect(kit, signal)) !== undefined ? kit : undefined
}

async function fetched(
  { image, kit, digest }: Wanted,
  supply: Source,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<{ use: string } | { error: DevkError }> {
  const offered = kit !== undefined && !supply.offersKit(image) ? kit : undefined
  try {
    await fetchOwnImages(supply, [{ reference: image, digest }], onLine, signal)
    return { use: image }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof DevkError) || error.code !== 'IMAGE_MISSING') throw error
    if (offered === undefined) return { error }
    await fetchOwnImages(supply, [{ reference: offered }], onLine, signal)
    return { use: offered }
  }
}
