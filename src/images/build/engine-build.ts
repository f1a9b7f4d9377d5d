import type { Client, Docker } from '../../engine/client.ts'
import { reasonOf, statusOf } from '../../engine/client.ts'
import { jsonLines } from '../../engine/json-lines.ts'
import { contextFiles } from './context.ts'
import { packContext } from './context-tar.ts'
import type { BuildRequest, PreparedBuild } from './request.ts'
import { decodeTrace } from './solve-status.ts'

/**
 * Builds with BuildKit through the engine's API and returns the image id. Throws BUILD_FAILED or DISK_FULL. The API
 * supports neither secrets nor a Dockerfile outside the context: see `needsBuildx`.
 */
export function engineBuild(
  client: Client,
  { request, ignore, progress }: PreparedBuild,
  dockerfile: string,
  signal: AbortSignal,
): Promise<string> {
  return client.call(signal, async (docker) => {
    const tar = packContext(request.context, await contextFiles(request, ignore))
    let imageId: string | undefined
    let stream: NodeJS.ReadableStream | undefined
    try {
      stream = await docker.buildImage(tar, buildOptions(request, dockerfile, signal))
      for await (const line of jsonLines(stream)) {
        if (typeof line.error === 'string') throw progress.failure(line.error)
        if (line.id === 'moby.buildkit.trace' && typeof line.aux === 'string') progress.add(decodeTrace(line.aux))
        if (line.id === 'moby.image.id') imageId = (line.aux as { ID?: string }).ID
      }
    } catch (error) {
      signal.throwIfAborted()
      throw statusOf(error) === undefined ? error : progress.failure(reasonOf(error), error)
    } finally {
      tar.destroy()
      // dockerode 5.0.1 closes the session of a build on `end` only, which a failed or aborted response never emits.
      stream?.emit('end')
    }
    if (imageId === undefined) throw progress.failure('the engine reported no image')
    return imageId
  })
}

function buildOptions(request: BuildRequest, dockerfile: string, signal: AbortSignal): Docker.ImageBuildOptions {
  return {
    version: '2',
    t: request.tag,
    dockerfile,
    buildargs: { ...request.args },
    labels: { ...request.labels },
    abortSignal: signal,
    ...(request.target === undefined ? {} : { target: request.target }),
    ...(request.platform === undefined ? {} : { platform: request.platform }),
    ...(request.cacheFrom.length === 0 ? {} : { cachefrom: [...request.cacheFrom] as unknown as string }),
    ...(request.noCache ? { nocache: true } : {}),
  }
}
