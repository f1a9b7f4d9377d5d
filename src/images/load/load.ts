import type { Engine } from '../../engine/api.ts'
import { DevkError } from '../../errors.ts'
import { fullName } from '../../lib/image-reference.ts'
import { filterAsync } from '../../lib/parallel.ts'
import { findManifest } from '../registry/content.ts'
import type { Registry } from '../registry/registry.ts'
import { archiveImporter, type ImportArchive } from './archive.ts'
import { comparison, type EngineImage, type IsSame, isIn, pushedDigest } from './identity.ts'
import { nodeImages, pullOnNode } from './node-images.ts'

/** Where images have to be. */
export interface LoadTarget {
  /** Containers of the nodes. */
  readonly nodes: readonly string[]
  /** The registry that the nodes pull from. undefined: images are sent to the nodes as archives. */
  readonly registry: Registry | undefined
}

/** An image, and where it has to be. */
export interface LoadRequest extends LoadTarget {
  /** An image of the local engine. */
  readonly reference: string
}

/** How an image was loaded. */
export interface LoadResult {
  /** `none`: every node already has it. */
  readonly via: 'registry' | 'archive' | 'none'
  /** Bytes that were sent to each node; known for archives only. */
  readonly bytes: number | undefined
  readonly ms: number
}

/** Loads images of one engine onto nodes. Share it among all who load: it queues the archives of its engine. */
export interface ImageLoader {
  /**
   * Loads an image that is not yet on the nodes and resolves when each node is proven to have exactly this image,
   * unpacked to its last layer. Throws IMAGE_MISSING when the engine does not have it, LOAD_FAILED when a node does not
   * have it in the end, and DISK_FULL when a node has no space for it.
   */
  load(request: LoadRequest, onLine: (line: string) => void, signal: AbortSignal): Promise<LoadResult>
  /**
   * The references of those images that every node has, unpacked to the last layer and identical to the engine's. If
   * the engine does not have an image, the image counts as missing when it is built here; otherwise any image on the
   * nodes counts. Asks each node once.
   */
  loaded(
    images: readonly { readonly reference: string; readonly built: boolean }[],
    target: LoadTarget,
    signal: AbortSignal,
  ): Promise<Set<string>>
}

/** A loader of this engine's images. */
export function imageLoader(engine: Engine): ImageLoader {
  const importArchive = archiveImporter(engine)
  return {
    async load(request, onLine, signal) {
      const started = performance.now()
      const { registry, reference, nodes } = request
      const image = await engine.images.inspect(reference, signal)
      if (image === undefined) throw new DevkError('IMAGE_MISSING', `${reference} is not on the engine`)
      const subject = { engine, reference, image }
      const sent =
        registry !== undefined && isIn(registry, reference)
          ? throughRegistry(subject, { nodes, registry }, onLine, signal)
          : asArchive(subject, nodes, importArchive, signal)
      return { ...(await sent), ms: performance.now() - started }
    },
    async loaded(images, { nodes, registry }, signal) {
      const names = images.map(({ reference }) => fullName(reference))
      const compared = async ({ reference, built }: (typeof images)[number]): Promise<[string, IsSame]> => {
        const image = await engine.images.inspect(reference, signal)
        if (image === undefined) return [reference, async () => !built]
        return [reference, await comparison({ engine, reference, image }, registry, signal)]
      }
      const [onNodes, wanted] = await Promise.all([
        Promise.all(nodes.map((node) => nodeImages(engine, node, names, signal))),
        Promise.all(images.map(compared)),
      ])
      const isLoaded = async ([reference, isSame]: [string, IsSame]) => {
        const found = onNodes.map((there) => there.get(fullName(reference)))
        if (!found.every((each) => each?.unpacked)) return false
        const answers = await Promise.all(nodes.map((node, i) => isSame(node, found[i]?.digest ?? '')))
        return answers.every((same) => same)
      }
      return new Set((await filterAsync(wanted, isLoaded)).map(([reference]) => reference))
    },
  }
}

type Sent = Pick<LoadResult, 'via' | 'bytes'>

async function throughRegistry(
  subject: EngineImage,
  { nodes, registry }: { readonly nodes: readonly string[]; readonly registry: Registry },
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<Sent> {
  const { engine, reference } = subject
  const known = await pushedDigest(subject, registry, signal)
  const digest = known ?? (await push(subject, registry, onLine, signal))
  const has = async (node: string) => {
    const found = (await nodeImages(engine, node, [reference], signal)).get(reference)
    return found?.digest === digest && found.unpacked
  }
  const missing = await without(nodes, has)
  await Promise.all(missing.map((node) => pullOnNode(engine, node, reference, signal)))
  prove(reference, await without(missing, has))
  return { via: known !== undefined && missing.length === 0 ? 'none' : 'registry', bytes: undefined }
}

/** Pushes, and proves by the manifest that the registry has the image. */
async function push(
  { engine, reference }: EngineImage,
  registry: Registry,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const digest = await engine.images.push(reference, onLine, signal, registry.login)
  const found = await findManifest(registry, reference, signal)
  if (found?.digest === digest) return digest
  throw new DevkError(
    'LOAD_FAILED',
    `${reference} was pushed as ${digest}, but the registry has ${found?.digest ?? 'nothing'}`,
  )
}

async function asArchive(
  subject: EngineImage,
  nodes: readonly string[],
  importArchive: ImportArchive,
  signal: AbortSignal,
): Promise<Sent> {
  const { engine, reference } = subject
  const name = fullName(reference)
  const isSame = await comparison(subject, undefined, signal)
  const has = async (node: string) => {
    const found = (await nodeImages(engine, node, [name], signal)).get(name)
    return found?.unpacked === true && isSame(node, found.digest)
  }
  const missing = await without(nodes, has)
  if (missing.length === 0) return { via: 'none', bytes: undefined }
  const bytes = await importArchive(reference, missing, signal)
  prove(reference, await without(missing, has))
  return { via: 'archive', bytes }
}

function without(nodes: readonly string[], has: (node: string) => Promise<boolean>): Promise<string[]> {
  return filterAsync(nodes, async (node) => !(await has(node)))
}

function prove(reference: string, missing: readonly string[]): void {
  if (missing.length === 0) return
  throw new DevkError('LOAD_FAILED', `${reference} was sent, but is incomplete on ${missing.join(', ')}`, {
    hint: 'Check whether the disk of the node is full: docker exec NODE df -h /var/lib/containerd',
  })
}
