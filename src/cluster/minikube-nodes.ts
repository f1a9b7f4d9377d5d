import type { ContainerInfo } from '../engine/api.ts'
import { byTrailingNumber } from '../lib/order.ts'
import type { ClusterEngine } from './nodes.ts'
import type { ClusterNode, ClusterSpec } from './provider.ts'

/** Label of every container, volume and network of minikube's docker driver. */
const madeByMinikube = 'created_by.minikube.sigs.k8s.io=true'

/** Label with the name of the profile. */
const profileLabel = 'name.minikube.sigs.k8s.io'

/**
 * minikube keeps kubectl and a kubeconfig in the node. After an upgrade several versions of kubectl exist; the last is
 * the newest.
 */
export const minikubeKubectl: readonly string[] = [
  'sh',
  '-c',
  'for k in /var/lib/minikube/binaries/v*/kubectl; do :; done; exec "$k" "$@"',
  'kubectl',
  '--kubeconfig=/var/lib/minikube/kubeconfig',
]

/**
 * The containers of a profile, the first node first: `todo`, `todo-m02` … They are on the network with the name of the
 * profile.
 */
export async function profileContainers(
  engine: ClusterEngine,
  profile: string,
  signal: AbortSignal,
): Promise<readonly ContainerInfo[]> {
  const all = await engine.containers.list([madeByMinikube], signal)
  const isOther = (name: string) => name.startsWith(`${profile}-m`) && /^\d+$/.test(name.slice(profile.length + 2))
  // Another profile may have the name todo-m02. Its containers are on another network.
  const own = all.filter(({ name, networks }) => name === profile || (isOther(name) && profile in networks))
  return own.sort((a, b) => byTrailingNumber(a.name, b.name))
}

/** Removes the network that minikube created for a profile. Call it after the last container is removed. */
export async function removeProfileNetwork(engine: ClusterEngine, profile: string, signal: AbortSignal): Promise<void> {
  const networks = await engine.networks.list([madeByMinikube, `${profileLabel}=${profile}`], signal)
  for (const { name } of networks) await engine.networks.remove(name, signal)
}

/** The node names that minikube generates: `todo`, `todo-m02`, `todo-m03`. Control planes come first. */
export function profileNodes({ name, nodes }: Pick<ClusterSpec, 'name' | 'nodes'>): string[] {
  return nodes.map((_, index) => (index === 0 ? name : `${name}-m${String(index + 1).padStart(2, '0')}`))
}

/** The containers of a profile as nodes. The first `planes` are control planes. */
export function toProfileNodes(containers: readonly ContainerInfo[], planes: number): ClusterNode[] {
  return containers.map(({ name, state }, index) => ({
    name,
    role: index < planes ? 'control-plane' : 'worker',
    container: name,
    running: state === 'running',
  }))
}
