import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { splitReference } from '../lib/image-reference.ts'
import { type Client, type Docker, reasonOf, statusOf } from './client.ts'
import { engineFailure } from './failure.ts'
import type { EngineInfo, ImageInfo, ImageStore } from './image-api.ts'
import { jsonLines, transferLine } from './json-lines.ts'

/** The engine's images through its API. */
export function imageStore(client: Client): ImageStore {
  return {
    info: (signal) =>
      client.call(signal, async (docker) => {
        const [info, version, host] = await Promise.all([docker.info(), docker.version(), client.host()])
        return { ...engineInfo(info, version), host }
      }),
    inspect: (reference, signal) =>
      client.find(signal, async (docker) => imageInfo(await docker.getImage(reference).inspect())),
    list: (labels, signal) =>
      client.call(signal, async (docker) => {
        // @types/dockerode 4.0.2 does not know `shared-size`, which the API has since 1.42 (engine 23).
        const options = { filters: { label: [...labels] }, 'shared-size': true, abortSignal: signal }
        const found = await docker.listImages(options)
        const infos = await Promise.all(
          found.map((image) =>
            client.find(signal, async () => ({
              ...imageInfo(await docker.getImage(image.Id).inspect()),
              ownSize: image.SharedSize < 0 ? 0 : image.Size - image.SharedSize,
            })),
          ),
        )
        return infos.filter((info) => info !== undefined)
      }),
    pull: (reference, onLine, signal, credentials) =>
      client.call(signal, async (docker) => {
        const login = credentials === undefined ? {} : { authconfig: credentials }
        try {
          await follow(await docker.pull(reference, { abortSignal: signal, ...login }), onLine)
        } catch (error) {
          signal.throwIfAborted()
          if (statusOf(error) === undefined && !(error instanceof StreamError)) throw error
          const reason = reasonOf(error)
          throw engineFailure('IMAGE_MISSING', `${reference} cannot be pulled: ${reason}`, [reason], { cause: error })
        }
      }),
    tag: (source, target, signal) =>
      client.call(signal, async (docker) => {
        const { repo, tag } = splitReference(target)
        await docker.getImage(source).tag({ repo, tag, abortSignal: signal })
      }),
    push: (reference, onLine, signal, credentials) =>
      client.call(signal, async (docker) => {
        const { repo, tag } = splitReference(reference)
        try {
          const authconfig = { ...anonymous, ...credentials, serveraddress: repo.split('/')[0] ?? '' }
          const options = { tag, authconfig, abortSignal: signal }
          const digest = await follow(await docker.getImage(repo).push(options), onLine)
          if (digest !== undefined) return digest
          throw new StreamError('the engine named no digest')
        } catch (error) {
          signal.throwIfAborted()
          if (statusOf(error) === undefined && !(error instanceof StreamError)) throw error
          const reason = reasonOf(error)
          throw engineFailure('LOAD_FAILED', `${reference} cannot be pushed: ${reason}`, [reason], { cause: error })
        }
      }),
    remove: async (reference, signal) => {
      await client.find(signal, (docker) => docker.getImage(reference).remove({ abortSignal: signal }))
    },
    save: (references, signal) =>
      client.call(signal, async (docker) => {
        const stream = (await saveStream(docker, references, signal)) as IncomingMessage
        return Readable.from(stream, { objectMode: false })
      }),
  }
}

/** The API requires a credentials header on each push, even where the registry needs none. */
const anonymous = { username: '', password: '' }

/** A failure that the engine reported as a line of a stream that began with status 200. */
class StreamError extends Error {}

/**
 * Reads the answer to a pull or push line by line, because an error is reported as a line. Returns the manifest digest
 * of a push.
 */
async function follow(stream: NodeJS.ReadableStream, onLine: (line: string) => void): Promise<string | undefined> {
  let digest: string | undefined
  for await (const line of jsonLines(stream)) {
    if (typeof line.error === 'string') throw new StreamError(line.error)
    const aux = line.aux as { Digest?: unknown } | undefined
    if (typeof aux?.Digest === 'string') digest = aux.Digest
    const text = transferLine(line)
    if (text !== undefined) onLine(text)
  }
  return digest
}

/**
 * With the containerd image store (the default since engine 29), a save without a platform lists blobs of other
 * platforms that do not exist (https://github.com/kubernetes-sigs/kind/issues/3795), so only the engine's platform is
 * saved. The older store has no such option before API 1.48.
 */
async function saveStream(
  docker: Docker,
  references: readonly string[],
  signal: AbortSignal,
): Promise<NodeJS.ReadableStream> {
  const info = (await docker.info()) as {
    DriverStatus?: [string, string][] | null
    OSType: string
    Architecture: string
  }
  const snapshots = info.DriverStatus?.some(([, value]) => value.startsWith('io.containerd.snapshotter')) ?? false
  const platform = JSON.stringify({ os: info.OSType, architecture: goArch(info.Architecture) })
  // @types/dockerode 4.0.2 does not know getImages; Image.get() takes no options.
  const { getImages } = docker as unknown as { getImages(options: object): Promise<NodeJS.ReadableStream> }
  return getImages.call(docker, { names: [...references], abortSignal: signal, ...(snapshots ? { platform } : {}) })
}

function goArch(machine: string): string {
  return { x86_64: 'amd64', aarch64: 'arm64' }[machine] ?? machine
}

function imageInfo(image: Docker.ImageInspectInfo): ImageInfo {
  return {
    id: image.Id,
    tags: image.RepoTags ?? [],
    labels: image.Config?.Labels ?? {},
    diffIds: image.RootFS?.Layers ?? [],
    size: image.Size,
    repoDigests: image.RepoDigests ?? [],
    triggers: ((image.Config?.OnBuild ?? []) as unknown[]).length > 0,
  }
}

function engineInfo(info: unknown, version: Docker.DockerVersion): Omit<EngineInfo, 'host'> {
  const facts = info as {
    ID?: string
    DockerRootDir?: string
    MemTotal?: number
    NCPU?: number
    CgroupVersion?: string
    SecurityOptions?: string[]
  }
  const { Components: components } = version as { Components?: { Name: string }[] }
  return {
    id: facts.ID || undefined,
    program: components?.some(({ Name }) => Name === 'Podman Engine') ? 'Podman' : 'Docker',
    rootless: facts.SecurityOptions?.some((option) => /^name=rootless\b/.test(option)) ?? false,
    version: version.Version.replace(/[+-].*$/, ''),
    os: version.Os,
    arch: version.Arch,
    cgroupVersion: facts.CgroupVersion === '2' ? '2' : '1',
    rootDir: facts.DockerRootDir ?? '',
    memoryBytes: facts.MemTotal ?? 0,
    cpus: facts.NCPU ?? 0,
  }
}
