import type { NodeAgents } from '../agent/node-agents.ts'
import { DevkError } from '../errors.ts'
import type { PodStreams } from '../kube/api.ts'
import { nodeSyncer } from './node-syncer.ts'
import type { Syncer } from './syncer.ts'
import { tarSyncer } from './tar-syncer.ts'

/**
 * The syncer for all pods. It uses the agent on nodes that are containers of the local engine. For all other nodes, and
 * where the agent cannot run, it sends a tar archive through the API server.
 */
export function podSyncer(
  agents: NodeAgents,
  streams: PodStreams,
  nodeContainer: (node: string) => string | undefined,
): Syncer {
  return pickSyncer(
    nodeSyncer(agents, (node) => nodeContainer(node) ?? node),
    tarSyncer(streams),
    (node) => nodeContainer(node) !== undefined,
  )
}

/**
 * Uses `agent` for nodes that are local, and `tar` for all others and for each sync that `agent` rejects with
 * NODE_AGENT.
 */
export function pickSyncer(agent: Syncer, tar: Syncer, local: (node: string) => boolean): Syncer {
  return {
    prepare(target) {
      if (local(target.node)) agent.prepare?.(target)
    },
    async send(target, files, signal) {
      if (!local(target.node)) return tar.send(target, files, signal)
      try {
        return await agent.send(target, files, signal)
      } catch (error) {
        if (!(error instanceof DevkError && error.code === 'NODE_AGENT')) throw error
        return tar.send(target, files, signal)
      }
    },
  }
}
