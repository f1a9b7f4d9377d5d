import type { Engine } from '../../engine/api.ts'
import type { ImageInfo } from '../../engine/image-api.ts'
import { findManifest } from '../registry/content.ts'
import type { Registry } from '../registry/registry.ts'
import { configOnNode } from './node-images.ts'

/** An image of the engine under one of its names. */
export interface EngineImage {
  readonly engine: Engine
  readonly reference: string
  readonly image: ImageInfo
}

/** Whether a reference names an image in this registry. */
export function isIn(registry: Registry, reference: string): boolean {
  return reference.startsWith(`${registry.host}/`)
}

/** The digest of the manifest by which the registry has exactly this image; undefined when it does not have it. */
export async function pushedDigest(
  { reference, image }: Pick<EngineImage, 'reference' | 'image'>,
  registry: Registry,
  signal: AbortSignal,
): Promise<string | undefined> {
  const known = await findManifest(registry, reference, signal)
  // With the classic image store the id is the digest of the configuration; with containerd's it is that of the
  // manifest.
  return known !== undefined && (known.config === image.id || known.digest === image.id) ? known.digest : undefined
}

/** Whether the image that a node has under a digest is the engine's image. */
export type IsSame = (node: string, digest: string) => Promise<boolean>

/**
 * Compares through the registry when the reference names an image in it, else by the configuration that the node has.
 */
export async function comparison(
  subject: EngineImage,
  registry: Registry | undefined,
  signal: AbortSignal,
): Promise<IsSame> {
  const { engine, reference, image } = subject
  if (registry !== undefined && isIn(registry, reference)) {
    const pushed = await pushedDigest(subject, registry, signal)
    return async (_node, digest) => digest === pushed
  }
  return async (node, digest) => digest === image.id || (await configOnNode(engine, node, digest, signal)) === image.id
}
