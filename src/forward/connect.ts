import type { Child, Runner } from '../exec/runner.ts'
import type { PodRef, PodStreams } from '../kube/api.ts'
import { nodeAgent } from './agent-script.ts'
import type { Connect } from './forwarder.ts'
import { type NodeDialer, nodeDialer } from './node-dialer.ts'

/** On the node's own network a pod that is there answers in microseconds. */
const nodeMs = 2000

/** A pod, and where it can be reached from its node when that is known. */
export interface ForwardTarget extends PodRef {
  readonly ip: string | undefined
  /** The container of its node on the local engine; undefined for nodes elsewhere. */
  readonly nodeContainer: string | undefined
}

export interface PodDialer {
  readonly connect: Connect<ForwardTarget>
  /** Ends the agents on the nodes, and with them their connections. */
  close(): void
}

/**
 * Connects to pods: on local nodes from the node's own network, which is quicker than the API server's port-forward and has a
 * true half-close; otherwise, and when the pod takes nothing on its own address (it may listen on its loopback only), through
 * the API server.
 */
export function podDialer(runner: Pick<Runner, 'spawn'>, viaApi: PodStreams['connect']): PodDialer {
  const dialers = new Map<string, NodeDialer>()
  const dialerOf = (container: string): NodeDialer => {
    const known = dialers.get(container)
    if (known) return known
    const start = (): Child => runner.spawn('docker', ['exec', '-i', container, 'perl', '-e', nodeAgent])
    const dialer = nodeDialer(start)
    dialers.set(container, dialer)
    return dialer
  }
  return {
    async connect(target, port, signal) {
      const { ip, nodeContainer } = target
      if (!ip || !nodeContainer) return await viaApi(target, port, signal)
      try {
        return await dialerOf(nodeContainer).dial(ip, port, AbortSignal.any([signal, AbortSignal.timeout(nodeMs)]))
      } catch {
        signal.throwIfAborted()
        return await viaApi(target, port, signal)
      }
    },
    close() {
      for (const dialer of dialers.values()) dialer.close()
      dialers.clear()
    },
  }
}
