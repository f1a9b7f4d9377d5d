import type { Engine } from '../../engine/api.ts'
import type { ImageInfo } from '../../engine/image-api.ts'
import { DevkError } from '../../errors.ts'
import { filterAsync } from '../../lib/filter.ts'
import { fullName } from '../../lib/image-reference.ts'
import { findManifest } from '../registry/content.ts'
import type { Registry } from '../registry/registry.ts'
import { importArchive } from './archive.ts'
import { configOnNode, nodeImages, pullOnNode } from './node-images.ts'

export interface LoadRequest {
  /** An image of the local engine. */
  readonly reference: string
  /** Containers of the nodes that must have it. */
  readonly nodes: readonly string[]
  /** undefined: the image goes to the nodes as an archive. */
  readonly registry: Registry | undefined
}

export interface LoadResult {
  /** `none`: every node had it. */
  readonly via: 'registry' | 'archive' | 'none'
  /** Bytes that were sent to each node; only an archive tells. */
  readonly bytes: number | undefined
  readonly ms: number
}

/**
 * Brings an image of the engine onto nodes and returns once each of them is proven to have this very image, unpacked to its last layer.
 * What is there already is not sent. Throws IMAGE_MISSING when the engine lacks it, LOAD_FAILED when a node does in the end.
 */
export async function loadImage(
  engine: Engine,
  request: LoadRequest,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<LoadResult> {
  const started = performance.now()
  const image = await engine.images.inspect(request.reference, signal)
  if (image === undefined) throw new DevkError('IMAGE_MISSING', `${request.reference} is not on the engine`)
  const { registry, reference } = request
  const load =
    registry !== undefined && isIn(registry, reference)
      ? throughRegistry(engine, request, image, registry, onLine, signal)
      : asArchive(engine, request, image, signal)
  return { ...(await load), ms: performance.now() - started }
}

/**
 * Those of these images that every node has, unpacked to the last layer: the engine's very image. Where the engine has none, one that is
 * built here counts as missing, and one of someone else's is taken as the nodes have it. Each node is asked once for all of them.
 */
export async function loadedImages(
  engine: Engine,
  images: readonly { readonly reference: string; readonly built: boolean }[],
  { nodes, registry }: Pick<LoadRequest, 'nodes' | 'registry'>,
  signal: AbortSignal,
): Promise<Set<string>> {
  const names = images.map(({ reference }) => fullName(reference))
  const own = async ({ reference, built }: { reference: string; built: boolean }): Promise<[string, IsSame]> => {
    const image = await engine.images.inspect(reference, signal)
    return [
      reference,
      image === undefined ? async () => !built : await sameAs(engine, reference, image, registry, signal),
    ]
  }
  const [onNodes, wanted] = await Promise.all([
    Promise.all(nodes.map((node) => nodeImages(engine, node, names, signal))),
    Promise.all(images.map(own)),
  ])
  const isLoaded = async ([reference, isSame]: [string, IsSame]) => {
    const found = onNodes.map((there) => there.get(fullName(reference)))
    if (!found.every((each) => each?.unpacked)) return false
    const answers = await Promise.all(nodes.map((node, i) => isSame(node, found[i]?.digest ?? '')))
    return answers.every((same) => same)
  }
  return new Set((await filterAsync(wanted, isLoaded)).map(([reference]) => reference))
}

type IsSame = (node: string, digest: string) => Promise<boolean>

/** Whether what a node has under this digest is the engine's image; never, while the registry that it comes from does not have it. */
async function sameAs(
  engine: Engine,
  reference: string,
  image: ImageInfo,
  registry: Registry | undefined,
  signal: AbortSignal,
): Promise<IsSame> {
  if (registry !== undefined && isIn(registry, reference)) {
    const pushed = await pushedDigest(reference, image, registry, signal)
    return async (_node, digest) => digest === pushed
  }
  return async (node, digest) => digest === image.id || (await configOnNode(engine, node, digest, signal)) === image.id
}

function isIn(registry: Registry, reference: string): boolean {
  return reference.startsWith(`${registry.host}/`)
}

/** The digest of the manifest by which the registry has this very image. */
async function pushedDigest(
  reference: string,
  image: ImageInfo,
  registry: Registry,
  signal: AbortSignal,
): Promise<string | undefined> {
  const known = await findManifest(registry, reference, signal)
  // The id is the configuration's digest with the classic image store, the manifest's with containerd's.
  return known !== undefined && (known.config === image.id || known.digest === image.id) ? known.digest : undefined
}

type Sent = Pick<LoadResult, 'via' | 'bytes'>

async function throughRegistry(
  engine: Engine,
  { reference, nodes }: LoadRequest,
  image: ImageInfo,
  registry: Registry,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<Sent> {
  const known = await pushedDigest(reference, image, registry, signal)
  const digest = known ?? (await push(engine, reference, registry, onLine, signal))
  const has = async (node: string) => {
    const found = (await nodeImages(engine, node, [reference], signal)).get(reference)
    return found?.digest === digest && found.unpacked
  }
  const missing = await without(nodes, has)
  await Promise.all(missing.map((node) => pullOnNode(engine, node, reference, signal)))
  prove(reference, await without(missing, has))
  return { via: known !== undefined && missing.length === 0 ? 'none' : 'registry', bytes: undefined }
}

/** Pushes, and proves it by the manifest that the registry then has. */
async function push(
  engine: Engine,
  reference: string,
  registry: Registry,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const digest = await engine.images.push(reference, onLine, signal)
  const there = await findManifest(registry, reference, signal)
  if (there?.digest === digest) return digest
  throw new DevkError(
    'LOAD_FAILED',
    `${reference} was pushed as ${digest}, but the registry has ${there?.digest ?? 'nothing'}`,
  )
}

async function asArchive(
  engine: Engine,
  { reference, nodes }: LoadRequest,
  image: ImageInfo,
  signal: AbortSignal,
): Promise<Sent> {
  const name = fullName(reference)
  const isSame = await sameAs(engine, reference, image, undefined, signal)
  const has = async (node: string) => {
    const found = (await nodeImages(engine, node, [name], signal)).get(name)
    return found?.unpacked === true && isSame(node, found.digest)
  }
  const missing = await without(nodes, has)
  if (missing.length === 0) return { via: 'none', bytes: undefined }
  const bytes = await importArchive(engine, reference, missing, signal)
  prove(reference, await without(missing, has))
  return { via: 'archive', bytes }
}

function without(nodes: readonly string[], has: (node: string) => Promise<boolean>): Promise<string[]> {
  return filterAsync(nodes, async (node) => !(await has(node)))
}

function prove(reference: string, missing: readonly string[]): void {
  if (missing.length === 0) return
  throw new DevkError('LOAD_FAILED', `${reference} was sent, but is not complete on ${missing.join(', ')}`, {
    hint: 'The disk of the node may be full: docker exec NODE df -h /var/lib/containerd',
  })
}
