import type { LoadedConfig } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import { supervisor } from '../../lib/keys.ts'
import { isSupervised } from '../../manifests/supervised.ts'
import { programImage } from './program-image.ts'
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
  const { folder } = options.supervisor
  const about = { ...supervisor, project: name, registry: options.registry, folder }
  return programImage(about, { id: program.sha256.slice(0, 16), content: await program.read() })
}
