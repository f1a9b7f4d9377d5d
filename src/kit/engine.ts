import { statusOf } from '../engine/client.ts'
import type { ImageInfo, ImageStore } from '../engine/image-api.ts'

/** The images of these references that exist on the engine, by reference. Throws ENGINE_UNAVAILABLE. */
export async function engineImages(
  images: Pick<ImageStore, 'inspect'>,
  references: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, ImageInfo>> {
  const found = await Promise.all(references.map((reference) => images.inspect(reference, signal)))
  return new Map(references.flatMap((reference, i) => (found[i] === undefined ? [] : [[reference, found[i]]])))
}

/**
 * Removes the images with these ids that have no tag any more, because a newer image has it. Keeps images that are in
 * use. Finds images by id and never by label, because images that users build from a stand-in inherit its labels.
 */
export async function removeSuperseded(images: ImageStore, ids: Iterable<string>, signal: AbortSignal): Promise<void> {
  for (const id of new Set(ids)) {
    const image = await images.inspect(id, signal)
    if (image === undefined || image.tags.length > 0) continue
    await images.remove(id, signal).catch((error: unknown) => {
      if (statusOf(error) !== 409) throw error
    })
  }
}
