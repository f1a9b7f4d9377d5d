import { realpath } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import type { Client } from '../../engine/client.ts'
import type { ImageStore } from '../../engine/image-api.ts'
import { DevkError } from '../../errors.ts'
import type { Runner } from '../../exec/runner.ts'
import { abortable } from '../../lib/wait.ts'
import { buildxBuild } from './buildx.ts'
import { readDockerfile } from './content.ts'
import { engineBuild } from './engine-build.ts'
import { type IgnoreRules, readIgnore } from './ignore.ts'
import { buildProgress } from './progress.ts'
import type { BuildRequest, ImageBuilder } from './request.ts'

/** What a builder uses. */
export interface BuilderDeps {
  readonly client: Client
  readonly images: ImageStore
  readonly runner: Runner
}

/** Builds with BuildKit: through the engine's API, or with `docker buildx` what the API cannot do. */
export function imageBuilder({ client, images, runner }: BuilderDeps): ImageBuilder {
  const running = new Map<string, Promise<unknown>>()
  return {
    async build(request, onLine, signal) {
      // Two images that start from the same one may ask for it at the same time.
      while (running.has(request.tag)) {
        await abortable(running.get(request.tag) ?? Promise.resolve(), signal)
        const done = await images.inspect(request.tag, signal)
        if (done !== undefined && !request.noCache) return done.id
      }
      const own = Promise.withResolvers<void>()
      running.set(request.tag, own.promise)
      try {
        return await build(request, onLine, signal)
      } finally {
        running.delete(request.tag)
        own.resolve()
      }
    },
  }

  async function build(request: BuildRequest, onLine: (line: string) => void, signal: AbortSignal): Promise<string> {
    const [ignore, dockerfile] = await Promise.all([readIgnore(request), readDockerfile(request.dockerfile)])
    const progress = buildProgress(request.tag, dockerfile, onLine)
    const build = { request, ignore, dockerfile, progress }
    const inside = await pathInContext(request, ignore)
    const id =
      inside === undefined || needsBuildx(request)
        ? await buildxBuild({ runner, host: await client.host() }, build, signal)
        : await engineBuild(client, build, inside, signal)
    return proven(images, request.tag, id, signal)
  }
}

/**
 * Whether a build needs buildx: secrets (such as the CA bundle), ssh, more contexts and typed caches require a build
 * session, which dockerode does not have.
 */
export function needsBuildx(request: BuildRequest): boolean {
  const secrets = Object.keys(request.secrets).length > 0 || request.caCertificates !== undefined
  const more = Object.keys(request.contexts).length > 0 || request.ssh.length > 0
  return secrets || more || request.cacheFrom.some((from) => from.includes('='))
}

/**
 * Path of the Dockerfile in the context, without links; undefined when it is outside or ignored, so that it must be
 * sent separately.
 */
async function pathInContext(request: BuildRequest, ignore: IgnoreRules): Promise<string | undefined> {
  // What is missing is told when it is read.
  const real = (path: string) => realpath(path).catch(() => path)
  const [context, dockerfile] = await Promise.all([real(request.context), real(request.dockerfile)])
  const path = relative(context, dockerfile).split(sep).join('/')
  return path.startsWith('../') || ignore.ignores(path) ? undefined : path
}

/** Proves that the tag names the image of this build, not that of an earlier one. */
async function proven(images: ImageStore, tag: string, id: string, signal: AbortSignal): Promise<string> {
  const [tagged, built] = await Promise.all([images.inspect(tag, signal), images.inspect(id, signal)])
  if (tagged !== undefined && tagged.id === built?.id) return tagged.id
  throw new DevkError(
    'BUILD_FAILED',
    `The image of the build of ${tag} is missing: the build reported ${id}, the tag is ${tagged?.id ?? 'absent'}`,
  )
}
