import type { NodeAgents } from '../agent/node-agents.ts'
import { DevkError } from '../errors.ts'
import type { PodStreams } from '../kube/api.ts'
import { nodeSyncer } from './node-syncer.ts'
import type { Syncer } from './syncer.ts'
import { tarSyncer } from './tar-syncer.ts'

/**
 * The syncer for all pods: through the agent on nodes that are containers of the local engine, and by tar over the API server on all others,
 * and on those where the agent cannot run.
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

/** `agent` for the nodes that `local` names, until it says NODE_AGENT of one; `tar` for the rest. */
export function pickSyncer(agent: Syncer, tar: Syncer, local: (node: string) => boolean): Syncer {
  const withoutAgent = new Set<string>()
  return {
    async send(target, files, signal) {
      if (!local(target.node) || withoutAgent.has(target.node)) return tar.send(target, files, signal)
      try {
        return await agent.send(target, files, signal)
      } catch (error) {
        if (!(error instanceof DevkError && error.code === 'NODE_AGENT')) throw error
        withoutAgent.add(target.node)
        return tar.send(target, files, signal)
      }
    },
  }
}
