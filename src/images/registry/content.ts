import type { Engine } from '../../engine/api.ts'
import { splitReference } from '../../lib/image-reference.ts'
import { askRegistry } from './http.ts'
import { findRegistry, type Registry, type RegistryPlace, removeRegistry } from './registry.ts'

/** A manifest in the registry. */
export interface Manifest {
  /** Digest of the manifest, by which nodes identify an image. */
  readonly digest: string
  /** Digest of the configuration: the image id on an engine with the classic image store. */
  readonly config: string | undefined
}

const mediaTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ')

/**
 * The manifest that the registry has for a reference; undefined without one. Throws LOAD_FAILED when the registry does
 * not answer.
 */
export async function findManifest(
  registry: Registry,
  reference: string,
  signal: AbortSignal,
): Promise<Manifest | undefined> {
  const { repo, tag } = splitReference(reference)
  return manifestOf(registry, repo.slice(registry.host.length + 1), tag, signal)
}

/** Names of the projects that have images in the registry. */
export async function projectsInRegistry(registry: Registry, signal: AbortSignal): Promise<string[]> {
  const used = new Set<string>()
  for (const repository of await repositories(registry, signal)) {
    const tags = await tagsOf(registry, repository, signal)
    if (tags.length > 0) used.add(repository.split('/')[0] ?? repository)
  }
  return [...used]
}

/** An image in the registry. */
export interface RegistryImage {
  /** `localhost:5001/todo/backend:3f9c2a1` */
  readonly reference: string
  readonly labels: Readonly<Record<string, string>>
}

/** All images in the registry, with their labels. */
export async function listRegistry(registry: Registry, signal: AbortSignal): Promise<RegistryImage[]> {
  const found: RegistryImage[] = []
  for (const repository of await repositories(registry, signal)) {
    for (const tag of await tagsOf(registry, repository, signal)) {
      const config = (await manifestOf(registry, repository, tag, signal))?.config
      const labels = config === undefined ? {} : await labelsOf(registry, `${repository}/blobs/${config}`, signal)
      found.push({ reference: `${registry.host}/${repository}:${tag}`, labels })
    }
  }
  return found
}

async function labelsOf(registry: Registry, blob: string, signal: AbortSignal): Promise<Record<string, string>> {
  const body = (await askRegistry(registry, blob, signal))?.body as
    | { config?: { Labels?: Record<string, string> | null } }
    | undefined
  return body?.config?.Labels ?? {}
}

/** Deletes a tag; its data stays until the garbage collection. No error when the tag does not exist. */
export async function deleteTag(registry: Registry, reference: string, signal: AbortSignal): Promise<void> {
  const { repo, tag } = splitReference(reference)
  const path = `${repo.slice(registry.host.length + 1)}/manifests/${tag}`
  await askRegistry(registry, path, signal, { method: 'DELETE' })
}

/**
 * Deletes the images of a project from the registry and returns the number of repositories that had images. Layers stay
 * until the garbage collection, so that a later push is fast.
 */
async function deleteRepository(registry: Registry, project: string, signal: AbortSignal): Promise<number> {
  let removed = 0
  for (const repository of await repositories(registry, signal)) {
    if (!repository.startsWith(`${project}/`)) continue
    const tags = await tagsOf(registry, repository, signal)
    const manifests = await Promise.all(tags.map((tag) => manifestOf(registry, repository, tag, signal)))
    for (const digest of new Set(manifests.flatMap((manifest) => manifest?.digest ?? []))) {
      await askRegistry(registry, `${repository}/manifests/${digest}`, signal, { method: 'DELETE' })
    }
    if (tags.length > 0) removed += 1
  }
  return removed
}

/**
 * Deletes the images of a project, and the registry itself when no images are left and no cluster announces it.
 * Returns the number of repositories that had images, and whether the registry is gone: another project may remove it
 * at the same time.
 */
export async function leaveRegistry(
  engine: Engine,
  { place, project, announced }: Leaving,
  signal: AbortSignal,
): Promise<{ removed: number; gone: boolean }> {
  const { container } = place
  const registry = await findRegistry(engine, place, signal)
  if (registry === undefined) return { removed: 0, gone: false }
  try {
    const removed = await deleteRepository(registry, project, signal)
    const gone = !announced && (await projectsInRegistry(registry, signal)).length === 0
    if (gone) await removeRegistry(engine, container, signal)
    return { removed, gone }
  } catch (error) {
    if ((await findRegistry(engine, place, signal)) !== undefined) throw error
    return { removed: 0, gone: true }
  }
}

/** Who leaves which registry. */
export interface Leaving {
  readonly place: RegistryPlace
  readonly project: string
  /** Whether a cluster that stays names the registry to other tools. */
  readonly announced: boolean
}

async function manifestOf(
  registry: Registry,
  repository: string,
  tag: string,
  signal: AbortSignal,
): Promise<Manifest | undefined> {
  const path = `${repository}/manifests/${tag}`
  const answer = await askRegistry(registry, path, signal, { headers: { accept: mediaTypes } })
  const digest = answer?.headers['docker-content-digest']
  const body = answer?.body as { config?: { digest?: string } } | undefined
  return typeof digest === 'string' ? { digest, config: body?.config?.digest } : undefined
}

async function repositories(registry: Registry, signal: AbortSignal): Promise<string[]> {
  const answer = await askRegistry(registry, '_catalog?n=1000', signal)
  return (answer?.body as { repositories?: string[] | null } | undefined)?.repositories ?? []
}

async function tagsOf(registry: Registry, repository: string, signal: AbortSignal): Promise<string[]> {
  const answer = await askRegistry(registry, `${repository}/tags/list`, signal)
  return (answer?.body as { tags?: string[] | null } | undefined)?.tags ?? []
}
