import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { LoadedConfig } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import { labels, supervisor } from '../../lib/keys.ts'
import { isSupervised } from '../../manifests/supervised.ts'
import type { ImageWork, WorkOptions } from './work.ts'

/** Whether the pods of a service have the supervisor in them. */
export function needsSupervisor({ services }: Pick<LoadedConfig, 'services'>): boolean {
  return Object.values(services).some(isSupervised)
}

/**
 * The image that the supervisor is copied from: devk's agent and nothing else. Throws NODE_AGENT if the agent cannot be
 * built. Without an engine, a list has an image whose tag is not known: the program depends on the nodes.
 */
export async function supervisorImage(
  { name }: Pick<LoadedConfig, 'name'>,
  options: Pick<WorkOptions, 'registry' | 'supervisor' | 'listed'>,
): Promise<ImageWork> {
  const named = `${options.registry}/${name}/${supervisor.image}`
  const program = await options.supervisor.program().catch((error: unknown) => {
    if (options.listed && error instanceof DevkError && error.code === 'ENGINE_UNAVAILABLE') return undefined
    throw error
  })
  if (program === undefined) return { owner: supervisor.owner, reference: `${named}:unknown`, request: undefined }
  const id = program.sha256.slice(0, 16)
  const context = join(options.supervisor.folder, id)
  const dockerfile = join(context, 'Dockerfile')
  await writeOnce(context, {
    agent: { content: await program.read(), mode: 0o755 },
    Dockerfile: { content: `FROM scratch\nCOPY agent ${supervisor.inImage}\n`, mode: 0o644 },
  })
  const tag = `${named}:${id}`
  const none = { contexts: {}, ssh: [], args: {}, secrets: {}, cacheFrom: [] }
  const rest = { target: undefined, platform: undefined, noCache: false, caCertificates: undefined }
  return {
    owner: supervisor.owner,
    reference: tag,
    request: { ...none, ...rest, context, dockerfile, tag, labels: { [labels.project]: name } },
  }
}

interface File {
  readonly content: string | Buffer
  readonly mode: number
}

/** Writes a folder whose name is that of its content. Two devk may do so at the same time. */
async function writeOnce(folder: string, files: Readonly<Record<string, File>>): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const fresh = await mkdtemp(`${folder}.`)
  try {
    for (const [name, { content, mode }] of Object.entries(files)) await writeFile(join(fresh, name), content, { mode })
    await rename(fresh, folder)
  } catch (error) {
    // The folder is there, with the same files.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}
