import { resolve } from 'node:path'
import type { Build, LoadedConfig } from '../../config/schema.ts'
import { findCertificates } from '../../images/build/certificates.ts'
import { contextHash } from '../../images/build/context-hash.ts'
import type { BuildRequest } from '../../images/build/request.ts'
import { fullName } from '../../lib/image-reference.ts'
import { labels } from '../../lib/keys.ts'

/** An image the stack runs, and how it is had. */
export interface ImageWork {
  /** Service or external. */
  readonly owner: string
  /** What the workloads will name. */
  readonly reference: string
  /** Set when devk builds it; otherwise it is pulled, or comes from the kit. */
  readonly request: BuildRequest | undefined
  /** The line of a manifest that names it, when nothing else does. */
  readonly namedAt?: string
}

export interface WorkOptions {
  readonly cacheFolder: string
  readonly clock: () => number
  readonly env: Readonly<Record<string, string | undefined>>
  /** Registry host in front of built images: `localhost:5001`. */
  readonly registry: string
}

/** The images of all services and externals; a built one is named by the content of what it is built from. */
export async function imageWork(config: LoadedConfig, options: WorkOptions): Promise<ImageWork[]> {
  const built = (owner: string, kind: 'service' | 'external', build: Build) =>
    builtImage(config, owner, kind, build, options)
  return Promise.all([
    ...Object.entries(config.services).flatMap(([name, { build }]) => (build ? [built(name, 'service', build)] : [])),
    ...Object.entries(config.externals).flatMap(([name, { build, image }]) => {
      if (build) return [built(name, 'external', build)]
      return image === undefined
        ? []
        : [Promise.resolve({ owner: name, reference: fullName(image), request: undefined })]
    }),
  ])
}

async function builtImage(
  config: LoadedConfig,
  owner: string,
  kind: 'service' | 'external',
  build: Build,
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
  const hash = await contextHash(unnamed, options)
  const tag = `${options.registry}/${config.name}/${owner}:${hash}`
  return { owner, reference: tag, request: { ...unnamed, tag } }
}
