import { posix } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { DevkError } from '../errors.ts'
import { labels } from '../lib/keys.ts'
import { statusOf } from './client.ts'
import type { DockerEngine } from './engine.ts'

/** An image of the engine, opened to look at its files. */
export interface OpenImage {
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  /** Its variables. */
  readonly env: Readonly<Record<string, string>>
  /** The folders of its variable PATH. */
  readonly path: readonly string[]
  readonly workingDir: string
  /** The content of a file, behind links; undefined if there is no such file. Throws ENGINE_UNAVAILABLE. */
  read(path: string): Promise<Buffer | undefined>
  /** Removes the container that holds the files. */
  close(): Promise<void>
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const mostLinks = 8
const closeMs = 30_000

/**
 * Opens an image by a container that is never started. undefined if the engine does not have it. Throws
 * ENGINE_UNAVAILABLE.
 */
export async function openImage(
  { client, containers }: Pick<DockerEngine, 'client' | 'containers'>,
  image: string,
  project: string,
  signal: AbortSignal,
): Promise<OpenImage | undefined> {
  const info = await client.find(signal, (docker) => docker.getImage(image).inspect())
  if (info === undefined) return undefined
  const { Entrypoint, Cmd, Env, WorkingDir } = info.Config ?? {}
  const env = Object.fromEntries((Env ?? []).map((each) => each.split(/=(.*)/s, 2) as [string, string]))
  const name = `devk-look-${crypto.randomUUID()}`
  // An image without a command cannot become a container.
  const spec = { name, image, labels: { [labels.project]: project }, entrypoint: ['/'] }
  const created = await containers.create(spec, signal).catch((error: unknown) => {
    if (error instanceof DevkError && error.code === 'IMAGE_MISSING') return undefined
    throw error
  })
  if (created === undefined) return undefined
  const read = async (path: string): Promise<Buffer | undefined> => {
    let at = path
    for (let hop = 0; hop < mostLinks; hop += 1) {
      const archive = await client
        .call(signal, (docker) => docker.getContainer(name).getArchive({ path: at }))
        .catch((error: unknown) => {
          // 404 for a path that does not exist, 500 for links in a circle.
          if (statusOf(error) === undefined) throw error
          return undefined
        })
      if (archive === undefined) return undefined
      const found = await firstEntry(archive as Readable)
      if (found === undefined || Buffer.isBuffer(found)) return found
      at = posix.resolve(posix.dirname(at), found.link)
    }
    return undefined
  }
  return {
    entrypoint: wordsOf(Entrypoint),
    command: wordsOf(Cmd),
    env,
    path: (env.PATH ?? defaultPath).split(':').filter(Boolean),
    workingDir: WorkingDir || '/',
    read,
    close: () => containers.remove(name, AbortSignal.timeout(closeMs)),
  }
}

/** The file in an archive of the engine, or where its link leads; undefined for a folder. */
async function firstEntry(archive: Readable): Promise<Buffer | { readonly link: string } | undefined> {
  // Few commands look into images, and the library takes time to load.
  const { tarEntries } = await import('../lib/streams/untar.ts')
  try {
    for await (const entry of tarEntries(archive)) {
      const { type, linkname } = entry.header
      if (type === 'file') return await buffer(entry)
      entry.resume()
      return type === 'symlink' && linkname ? { link: linkname } : undefined
    }
    return undefined
  } finally {
    // The engine does not remove a container while somebody reads from it.
    archive.destroy()
  }
}

function wordsOf(value: string | readonly string[] | null | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? [])
}
