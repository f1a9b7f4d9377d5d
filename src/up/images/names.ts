import type { ImageStore } from '../../engine/image-api.ts'
import { splitReference } from '../../lib/image-reference.ts'
import type { ImageWork } from './work.ts'

/**
 * The other names that the engine has for the image of each built work, by its owner. Two states of the sources can
 * make the same image, for example when a file that changed is not in it.
 */
export async function namesOf(
  works: readonly ImageWork[],
  images: Pick<ImageStore, 'inspect'>,
  signal: AbortSignal,
): Promise<Map<string, readonly string[]>> {
  const found = works.map(async ({ owner, reference, request }): Promise<[string, readonly string[]]> => {
    if (request === undefined || request.noCache) return [owner, []]
    const image = await images.inspect(reference, signal).catch(() => {
      signal.throwIfAborted()
      return undefined // without an engine
    })
    const { tags = [] } = image ?? {}
    const { repo } = splitReference(reference)
    return [owner, tags.filter((tag) => tag !== reference && splitReference(tag).repo === repo)]
  })
  return new Map((await Promise.all(found)).filter(([, others]) => others.length > 0))
}

/** The work under another name of its image. */
export function named(work: ImageWork, reference: string | undefined): ImageWork {
  if (reference === undefined || reference === work.reference) return work
  return { ...work, reference, request: work.request && { ...work.request, tag: reference } }
}
