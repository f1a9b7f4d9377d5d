import type { ContainerInfo } from '../engine/api.ts'
import { byTrailingNumber } from '../lib/order.ts'
import type { ClusterEngine } from './nodes.ts'
import type { ClusterNode, ClusterSpec } from './provider.ts'

/** On every container of minikube's docker driver. */
const madeByMinikube = 'created_by.minikube.sigs.k8s.io=true'

/** On every container, volume and network of it. */
const ofProfile = 'name.minikube.sigs.k8s.io'

/** minikube keeps its own kubectl and kubeconfig in the node; after an upgrade there is more than one, and the last is the newest. */
export const minikubeKubectl: readonly string[] = [
  'sh',
  '-c',
  'for k in /var/lib/minikube/binaries/v*/kubectl; do :; done; exec "$k" "$@"',
  'kubectl',
  '--kubeconfig=/var/lib/minikube/kubeconfig',
]

/** The containers of a profile, the first node first: `todo`, `todo-m02` … on the network of the profile's name. */
export async function profileContainers(
  engine: ClusterEngine,
  profile: string,
  signal: AbortSignal,
): Promise<readonly ContainerInfo[]> {
  const all = await engine.containers.list([madeByMinikube], signal)
  const isOther = (name: string) => name.startsWith(`${profile}-m`) && /^\d+$/.test(name.slice(profile.length + 2))
  // A profile may itself be called todo-m02: it has a network of its own.
  const own = all.filter(({ name, networks }) => name === profile || (isOther(name) && profile in networks))
  return own.sort((a, b) => byTrailingNumber(a.name, b.name))
}

/** Removes the network that minikube made for a profile; to be called after its last container is gone. */
export async function removeProfileNetwork(engine: ClusterEngine, profile: string, signal: AbortSignal): Promise<void> {
  const networks = await engine.networks.list([madeByMinikube, `${ofProfile}=${profile}`], signal)
  for (const { name } of networks) await engine.networks.remove(name, signal)
}

/** The names minikube gives: `todo`, `todo-m02`, `todo-m03`; control planes first. */
export function profileNodes({ name, nodes }: Pick<ClusterSpec, 'name' | 'nodes'>): string[] {
  return nodes.map((_, index) => (index === 0 ? name : `${name}-m${String(index + 1).padStart(2, '0')}`))
}

/** A profile's containers as nodes; the first `planes` are control planes. */
export function toProfileNodes(containers: readonly ContainerInfo[], planes: number): ClusterNode[] {
  return containers.map(({ name, state }, index) => ({
    name,
    role: index < planes ? 'control-plane' : 'worker',
    container: name,
    running: state === 'running',
  }))
}
