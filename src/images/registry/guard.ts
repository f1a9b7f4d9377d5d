import type { ContainerInfo, ContainerSpec } from '../../engine/api.ts'
import { engineLabels } from '../../lib/keys.ts'

/** Reads the program that stands before the registry: devk's agent. undefined if this devk has none. */
export type GuardProgram = () => Promise<Buffer | undefined>

const path = '/devk-guard'
/** Changes when a guard of an older devk does not do. It is no hash, so that two devk do not replace it in turn. */
const version = '1'
const server = '127.0.0.1:5001'

/** Whether a registry of an older devk should be replaced by one with a guard. */
export async function lacksGuard({ labels }: ContainerInfo, guard: GuardProgram | undefined): Promise<boolean> {
  return labels[engineLabels.registryGuard] !== version && (await guard?.()) !== undefined
}

/**
 * What of a container makes the registry answer to its own hosts only: those of this machine, and its name in the
 * network of the nodes. The registry itself has no setting for that, so that a program stands before it.
 */
export async function guardSpec(
  container: string,
  guard: GuardProgram | undefined,
): Promise<Required<Pick<ContainerSpec, 'entrypoint' | 'programs' | 'labels' | 'env'>> | undefined> {
  const program = await guard?.()
  if (program === undefined) return undefined
  const hosts = ['localhost', '127.0.0.1', container].join(',')
  return {
    entrypoint: [path, 'guard', ':5000', server, hosts, 'registry', 'serve', '/etc/distribution/config.yml'],
    programs: { [path]: program },
    labels: { [engineLabels.registryGuard]: version },
    env: { REGISTRY_HTTP_ADDR: server },
  }
}
