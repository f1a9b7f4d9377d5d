import { join, resolve } from 'node:path'
import type { Build, LoadedConfig } from '../../config/schema.ts'
import { findCertificates } from '../../images/build/certificates.ts'
import type { ContextEntry } from '../../images/build/context.ts'
import { contextHash } from '../../images/build/context-hash.ts'
import type { BuildRequest } from '../../images/build/request.ts'
import { fullName } from '../../lib/image-reference.ts'
import { labels } from '../../lib/keys.ts'

/** An image that the stack runs, and where it comes from. */
export interface ImageWork {
  /** The service or external; for other images the reference. */
  readonly owner: string
  /** The name in the pod templates. */
  readonly reference: string
  /** How devk builds it; undefined for an image that is pulled or comes from the kit. */
  readonly request: BuildRequest | undefined
  /** The place in a manifest that names it, when only a manifest does. */
  readonly namedAt?: string
  /** The files of the build context that the reference is a hash of. */
  readonly listing?: ContextListing
}

/** The files and folders of a build context at one moment. */
export interface ContextListing {
  readonly context: string
  /** Times of change (ctime, ms) by absolute path. */
  readonly files: ReadonlyMap<string, number>
  readonly folders: readonly string[]
}

/** What naming the images depends on besides the configuration. */
export interface WorkOptions {
  /** Folder for the digests of files. */
  readonly cacheFolder: string
  /** Wall clock, ms. */
  readonly clock: () => number
  readonly env: Readonly<Record<string, string | undefined>>
  /** First part of the names of built images: `localhost:5001`. */
  readonly registry: string
  /** Keep the listing of each build context. */
  readonly listed?: boolean
}

/**
 * The images of all services and externals. The tag of a built image is a hash of its sources and build options. Throws
 * what reading a build context and finding certificates throw.
 */
export async function imageWork(config: LoadedConfig, options: WorkOptions): Promise<ImageWork[]> {
  const works = await Promise.all(imageOwners(config).map((owner) => imageWorkOf(config, owner, options)))
  return works.filter((work) => work !== undefined)
}

/** The services and externals that have an image of their own. */
export function imageOwners({ services, externals }: Pick<LoadedConfig, 'services' | 'externals'>): string[] {
  return [
    ...Object.keys(services).filter((name) => services[name]?.build),
    ...Object.keys(externals).filter((name) => externals[name]?.build ?? externals[name]?.image),
  ]
}

/** The image of one service or external; undefined when it has none of its own. Throws as `imageWork` does. */
export async function imageWorkOf(
  config: LoadedConfig,
  owner: string,
  options: WorkOptions,
): Promise<ImageWork | undefined> {
  const service = config.services[owner]
  if (service?.build) return builtImage(config, { owner, kind: 'service', build: service.build }, options)
  const external = config.externals[owner]
  if (external?.build) return builtImage(config, { owner, kind: 'external', build: external.build }, options)
  if (external?.image === undefined) return undefined
  return { owner, reference: fullName(external.image), request: undefined }
}

interface Owned {
  readonly owner: string
  readonly kind: 'service' | 'external'
  readonly build: Build
}

async function builtImage(
  config: LoadedConfig,
  { owner, kind, build }: Owned,
  options: WorkOptions,
): Promise<ImageWork> {
  const caCertificates = build.caCertificates && (await findCertificates(build.caCertificates, options.env))
  const unnamed: Omit<BuildRequest, 'tag'> = {
    context: build.context,
    dockerfile: resolve(build.context, build.dockerfile),
    target: build.target,
    args: build.args,
    platform: build.platform,
    secrets: build.secrets,
    cacheFrom: build.cacheFrom,
    noCache: build.noCache,
    labels: { [labels.project]: config.name, [labels[kind]]: owner },
    caCertificates,
  }
  let listing: ContextListing | undefined
  const onListed = (entries: readonly ContextEntry[]) => {
    listing = listingOf(build.context, entries)
  }
  const hash = await contextHash(unnamed, options.listed ? { ...options, onListed } : options)
  const tag = `${options.registry}/${config.name}/${owner}:${hash}`
  return { owner, reference: tag, request: { ...unnamed, tag }, ...(listing === undefined ? {} : { listing }) }
}

function listingOf(context: string, entries: readonly ContextEntry[]): ContextListing {
  const files = new Map<string, number>()
  const folders: string[] = []
  for (const { path, kind, ctimeMs } of entries) {
    if (kind === 'folder') folders.push(join(context, path))
    else files.set(join(context, path), ctimeMs)
  }
  return { context, files, folders }
}
