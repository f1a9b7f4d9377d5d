import type { Journal } from '../state/journal.ts'
import type { ClusterEngine } from './nodes.ts'

const network = 'kind'

/** Notes, before kind makes its network, that it is devk's to remove; a network that is there already is left to its owner. */
export async function noteNetwork(engine: ClusterEngine, shared: Journal, signal: AbortSignal): Promise<void> {
  if (!(await engine.networks.exists(network, signal))) await shared.begin('network', network)
}

/**
 * Removes the network if devk made it and no container, running or stopped, is attached any more; gives whether it did. To be
 * called after the last thing in it is gone.
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
