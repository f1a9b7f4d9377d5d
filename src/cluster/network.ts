import type { Journal } from '../state/journal.ts'
import type { ClusterEngine } from './nodes.ts'

const network = 'kind'

/**
 * Records, before kind creates its network, that devk may remove it. devk does not remove a network that already
 * exists.
 */
export async function noteNetwork(engine: ClusterEngine, shared: Journal, signal: AbortSignal): Promise<void> {
  if (!(await engine.networks.exists(network, signal))) await shared.begin('network', network)
}

/**
 * Removes the network when devk's records say that it may, and no container, running or stopped, is attached. Returns
 * whether it did. Call it after the containers are removed.
 */
export async function removeNetwork(engine: ClusterEngine, shared: Journal, signal: AbortSignal): Promise<boolean> {
  const entry = await shared.find('network', network)
  if (entry === undefined) return false
  const containers = await engine.containers.list([], signal)
  if (containers.some(({ networks }) => network in networks)) return false
  if (await engine.networks.exists(network, signal)) await engine.networks.remove(network, signal)
  await shared.remove(entry.id)
  return true
}
