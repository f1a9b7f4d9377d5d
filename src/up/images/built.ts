import { join, resolve } from 'node:path'
import { serviceOfContext } from '../../config/build-contexts.ts'
import type { Build, LoadedConfig } from '../../config/schema.ts'
import type { ImageInfo } from '../../engine/image-api.ts'
import { findCertificates } from '../../images/build/certificates.ts'
import { type BaseImage, buildContent } from '../../images/build/content.ts'
import type { ContextEntry } from '../../images/build/context.ts'
import { requireNoCopiedSecrets } from '../../images/build/copied-secrets.ts'
import type { BuildRequest } from '../../images/build/request.ts'
import { labels } from '../../lib/keys.ts'
import { serviceBuilding } from './own-bases.ts'
import type { ContextListing, ImageWork, WorkOptions } from './work.ts'

/** A build of the configuration, and whose it is. */
export interface OwnedBuild {
  readonly owner: string
  readonly kind: 'service' | 'external'
  readonly build: Build
  /** The image of another service. */
  readonly baseOf: (service: string) => Promise<ImageWork | undefined>
}

/** The image of a build. Throws what reading its sources and finding certificates throw. */
export async function builtImage(
  config: LoadedConfig,
  { owner, kind, build, baseOf }: OwnedBuild,
  options: WorkOptions,
): Promise<ImageWork> {
  await requireNoCopiedSecrets(config, [build])
  const caCertificates = build.caCertificates && (await findCertificates(build.caCertificates, options.env))
  const unnamed = {
    context: build.context,
    dockerfile: resolve(build.context, build.dockerfile),
    contexts: build.contexts,
    ssh: build.ssh,
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
  const content = await buildContent(unnamed, options.listed ? { ...options, onListed } : options)
  const services = new Map<string, string>()
  for (const image of content.images) {
    const service = serviceBuilding(image, config.services, owner)
    if (service !== undefined) services.set(image, service)
  }
  for (const [name, source] of Object.entries(build.contexts)) {
    const service = serviceOfContext(source)
    if (service !== undefined) services.set(name, service)
  }
  const found = await Promise.all([...services].map(async ([name, service]) => [name, await baseOf(service)] as const))
  const bases = new Map(found.flatMap(([name, work]) => (work === undefined ? [] : [[name, work] as const])))
  const nameOf = async (references: ReadonlyMap<string, string>, signal: AbortSignal) => {
    const contexts = contextsWith(build.contexts, references)
    const lookUp = { ...options, signal }
    const known = await knownImages(content.images, contexts, lookUp)
    const others = await withContent(contexts.others, new Set(references.keys()), lookUp)
    return `${options.registry}/${config.name}/${owner}:${content.hash(known, others)}`
  }
  const references = new Map([...bases].map(([name, { reference }]) => [name, reference]))
  const tag = await nameOf(references, options.signal)
  const contexts = contextsWith(build.contexts, references)
  const request: BuildRequest = { ...unnamed, contexts: { ...contexts.folders, ...contexts.others }, tag }
  return {
    owner,
    reference: tag,
    request,
    bases: [...new Set(bases.values())],
    changed: content.changed,
    async nameNow(signal) {
      const now = [...bases].map(
        async ([name, base]) => [name, (await base.nameNow?.(signal)) ?? base.reference] as const,
      )
      return nameOf(new Map(await Promise.all(now)), signal)
    },
    ...(listing === undefined ? {} : { listing }),
  }
}

interface Contexts {
  readonly folders: Readonly<Record<string, string>>
  readonly others: Readonly<Record<string, string>>
}

/** The contexts of a build, with the images of other services in them. */
function contextsWith(written: Build['contexts'], references: ReadonlyMap<string, string>): Contexts {
  const own = [...references].map(([name, reference]) => [name, `docker-image://${reference}`] as const)
  const all = Object.entries({ ...written, ...Object.fromEntries(own) })
  return {
    folders: Object.fromEntries(all.filter(([, source]) => source.startsWith('/'))),
    others: Object.fromEntries(all.filter(([, source]) => !source.startsWith('/'))),
  }
}

type LookUp = Pick<WorkOptions, 'images' | 'signal'>

/** What the engine knows about the images that a build starts from. */
async function knownImages(
  images: readonly string[],
  { others }: Contexts,
  lookUp: LookUp,
): Promise<Map<string, BaseImage>> {
  const known = images.map(async (image): Promise<[string, BaseImage]> => {
    // The content decides the name of the image of another service.
    if (others[image] !== undefined) return [image, { id: others[image], triggers: true }]
    const found = await inspected(image, lookUp)
    return [image, { id: found?.id, triggers: found?.triggers ?? true }]
  })
  return new Map(await Promise.all(known))
}

/** The contexts that are no folders, each image with its id on the engine. */
async function withContent(
  others: Contexts['others'],
  own: ReadonlySet<string>,
  lookUp: LookUp,
): Promise<Record<string, string>> {
  const found = Object.entries(others).map(async ([name, source]) => {
    const image = own.has(name) ? undefined : /^docker-image:\/\/(.*)$/.exec(source)?.[1]
    const id = image === undefined ? undefined : (await inspected(image, lookUp))?.id
    return [name, id === undefined ? source : `${source} ${id}`] as const
  })
  return Object.fromEntries(await Promise.all(found))
}

function inspected(image: string, { images, signal }: LookUp): Promise<ImageInfo | undefined> {
  return images.inspect(image, signal).catch(() => {
    signal.throwIfAborted()
    return undefined // without an engine
  })
}

/** The files and folders of a listing by their absolute paths. Pure. */
export function listingOf(context: string, entries: readonly ContextEntry[]): ContextListing {
  const files = new Map<string, number>()
  const folders: string[] = []
  for (const { path, kind, ctimeMs } of entries) {
    if (kind === 'folder') folders.push(join(context, path))
    else files.set(join(context, path), ctimeMs)
  }
  return { context, files, folders }
}
