import type { Duplex } from 'node:stream'
import type { NodeAgents } from '../agent/node-agents.ts'
import { StreamFailure } from '../agent/stream.ts'
import { DevkError } from '../errors.ts'
import type { PodRef, PodStreams } from '../kube/api.ts'
import { abortable } from '../lib/wait.ts'
import type { Connect } from './forwarder.ts'

/** On the node's own network a pod that runs answers in microseconds. */
const nodeMs = 2000

/** A pod, and where it can be reached from its node when that is known. */
export interface ForwardTarget extends PodRef {
  readonly ip: string | undefined
  /** The container of its node on the local engine; undefined for nodes elsewhere. */
  readonly nodeContainer: string | undefined
}

/**
 * Connects to pods: on local nodes from the node's own network, which is quicker than the API server's port-forward and has a
 * true half-close; otherwise, and when the pod takes nothing on its own address (it may listen on its loopback only), through
 * the API server.
 */
export function podConnect(agents: NodeAgents, viaApi: PodStreams['connect']): Connect<ForwardTarget> {
  return async (target, port, signal) => {
    const { ip, nodeContainer } = target
    if (!ip || !nodeContainer) return await viaApi(target, port, signal)
    try {
      const either = AbortSignal.any([signal, AbortSignal.timeout(nodeMs)])
      return await connectFromNode(agents, nodeContainer, `${ip} ${port}`, either)
    } catch {
      signal.throwIfAborted()
      return await viaApi(target, port, signal)
    }
  }
}

/**
 * Connects from a node to an address and a port, with a space between. Throws NOT_READY with the node's reason when the address does not
 * accept, NODE_AGENT, and the signal's reason.
 */
export async function connectFromNode(
  agents: NodeAgents,
  nodeContainer: string,
  address: string,
  signal: AbortSignal,
): Promise<Duplex> {
  const { duplex, opened } = await agents.open('forward', nodeContainer, address, signal)
  // A refusal is told by the rejection; nobody has the stream then.
  const ignore = () => {}
  duplex.on('error', ignore)
  try {
    await abortable(opened, signal)
    return duplex
  } catch (error) {
    duplex.destroy()
    throw error instanceof StreamFailure ? new DevkError('NOT_READY', error.message, { cause: error }) : error
  } finally {
    setImmediate(() => duplex.off('error', ignore))
  }
}
