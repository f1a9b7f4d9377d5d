import { DevkError } from '../../errors.ts'
import { fetchImages, type Supply } from '../../platform/image-sources.ts'
import type { Preset } from '../../presets/folder.ts'

/** The images of a preset, as written → as run; or why one of them cannot be had, and how to get it. */
export type PresetImages =
  | { readonly images: ReadonlyMap<string, string> }
  | { readonly unavailable: string; readonly get: string }

type Source = Pick<Supply, 'engine' | 'offersKit' | 'buildKit'>
type Wanted = Preset['images'][number]

/**
 * Has each image on the engine: the published one, or what the kit builds in its place. Throws LOAD_FAILED when an image does
 * not have the digest that preset.yaml names, and BUILD_FAILED or KIT_FAILED when the kit fails.
 */
export async function presetImages(
  preset: Preset,
  written: readonly string[],
  supply: Source,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<PresetImages> {
  const images = new Map<string, string>()
  for (const image of written) {
    const wanted: Wanted = preset.images.find((each) => each.image === image) ?? { image, available: true }
    const use = await there(wanted, supply, signal)
    const had = use === undefined ? await fetched(wanted, supply, onLine, signal) : { use }
    if ('error' in had) {
      const reason = wanted.reason ?? had.error.details[0] ?? had.error.message
      return {
        unavailable: `${image} cannot be had: ${reason}`,
        get: wanted.get ?? `docker load an image named ${image}, or run devk up where a container registry answers`,
      }
    }
    images.set(image, had.use)
  }
  return { images }
}

/** The images of a preset as they would run, as far as the engine has them: nothing is fetched. Throws as `presetImages` does. */
export async function imagesAtHand(
  preset: Preset,
  written: readonly string[],
  engine: Pick<Source['engine'], 'images'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    written.map(async (image) => {
      const wanted: Wanted = preset.images.find((each) => each.image === image) ?? { image, available: true }
      return [image, (await there(wanted, { engine }, signal)) ?? image] as const
    }),
  )
  return new Map(found)
}

/** What the engine has already: looked up only, so that an up without changes takes no time. */
async function there(
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

/** An image that no registry gave has no digest: it was built here, or loaded. */
function requireDigest(image: string, digest: string | undefined, known: readonly string[]): void {
  if (digest === undefined || known.length === 0 || known.some((name) => name.endsWith(`@${digest}`))) return
  throw new DevkError('LOAD_FAILED', `${image} is not the image that the preset names`, {
    details: [`expected ${digest}`, `the engine has ${known.join(', ')}`],
    hint: `docker rmi ${image}, then devk up pulls it again.`,
  })
}
