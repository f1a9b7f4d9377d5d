import type { Duplex } from 'node:stream'
import type { AgentMode, NodeAgents } from '../agent/node-agents.ts'
import { StreamFailure } from '../agent/stream.ts'
import { DevkError } from '../errors.ts'
import type { PodRef, PodStreams } from '../kube/api.ts'
import { abortable } from '../lib/wait.ts'
import type { Connect } from './forwarder.ts'

/** Limit for a connection from a node. A running pod answers on the node's network in microseconds. */
const nodeMs = 2000

/** A pod and, if known, how to connect to it from its node. */
export interface ForwardTarget extends PodRef {
  readonly ip: string | undefined
  /** The container of its node on the local engine; undefined for nodes elsewhere. */
  readonly nodeContainer: string | undefined
}

/**
 * Connects to pods. On local nodes the connection starts in the node's network, which is faster than a port-forward of
 * the API server and can close each direction on its own. On other nodes, and for programs that listen only on the
 * loopback address of their pod, the connection goes through the API server.
 */
export function podConnect(agents: NodeAgents, viaApi: PodStreams['connect']): Connect<ForwardTarget> {
  return async (target, port, signal) => {
    const { ip, nodeContainer } = target
    if (!ip || !nodeContainer) return await viaApi(target, port, signal)
    try {
      const either = AbortSignal.any([signal, AbortSignal.timeout(nodeMs)])
      return await connectFromNode(agents, nodeContainer, `${ip} ${port}`, either)
    } catch (error) {
      signal.throwIfAborted()
      return await viaApi(target, port, signal).catch((other: unknown) => {
        // If both fail, the reason of the pod's own network is one short sentence; that of the runtime is not.
        throw isRefusal(error) ? error : other
      })
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof DevkError && error.code === 'NOT_READY'
}

/**
 * Connects from a node to `address`: an IP address and a port with a space between them. Throws NOT_READY with the
 * reason if the connection is not accepted, NODE_AGENT, and the reason of the signal.
 */
export function connectFromNode(
  agents: Pick<NodeAgents, 'open'>,
  nodeContainer: string,
  address: string,
  signal: AbortSignal,
): Promise<Duplex> {
  return openStream(agents, { mode: 'forward', nodeContainer, target: address }, signal)
}

/** A stream to the agent on a node. */
export interface StreamTarget {
  readonly mode: AgentMode
  readonly nodeContainer: string
  readonly target: string
}

/** Waits until the agent has opened a stream. Throws what `connectFromNode` throws. */
export async function openStream(
  agents: Pick<NodeAgents, 'open'>,
  { mode, nodeContainer, target }: StreamTarget,
  signal: AbortSignal,
): Promise<Duplex> {
  const { duplex, opened } = await agents.open(mode, nodeContainer, target, signal)
  // The rejection below reports a refused connection. Without a listener the error event would end the process.
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
