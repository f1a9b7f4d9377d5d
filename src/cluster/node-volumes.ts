import type { ContainerInfo, Engine } from '../engine/api.ts'
import { statusOf } from '../engine/client.ts'

/** The anonymous volumes of containers. Those of nodes hold gigabytes of images. Pure. */
export function anonymousVolumes(containers: readonly ContainerInfo[]): string[] {
  const mounts = containers.flatMap((container) => container.mounts)
  return mounts.flatMap(({ type, source }) => (type === 'volume' && /^[0-9a-f]{64}$/.test(source) ? source : []))
}

/**
 * Removes volumes whose containers are gone. Docker removes anonymous volumes together with their container, but not if
 * the container was removed by other means, such as `docker rm -f`. A volume that something else uses by now stays.
 */
export async function removeVolumes(
  { volumes }: Pick<Engine, 'volumes'>,
  names: Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  for (const name of new Set(names)) {
    await volumes.remove(name, signal).catch((error: unknown) => {
      if (statusOf(error) !== 409) throw error
    })
  }
}
