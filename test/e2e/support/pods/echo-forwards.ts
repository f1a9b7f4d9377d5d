import { type ForwardTarget, podConnect } from '../../../../src/forward/connect.ts'
import { type Forward, startForward } from '../../../../src/forward/forwarder.ts'
import type { KubeObject, PodStreams } from '../../../../src/kube/api.ts'
import { agentsOfCheckout } from '../../../support/agents.ts'

/** Forwards from free ports of this machine to the three ports of the echo server. */
export interface EchoForwards {
  /** To port 7000. */
  readonly echo: Forward
  /** To port 7001. */
  readonly answer: Forward
  /** To port 7002. */
  readonly loopback: Forward
  /** Closes the forwards and their connections. */
  end(): Promise<void>
}

/** Starts forwards to the echo server of the pod that `target` gives at the time of each connection. */
export async function forwardEcho(streams: PodStreams, target: () => ForwardTarget | undefined): Promise<EchoForwards> {
  const stop = new AbortController()
  const agents = agentsOfCheckout()
  const connect = podConnect(agents, streams.connect)
  const forward = (remotePort: number) =>
    startForward({
      name: 'echo',
      localPort: 0,
      remotePort,
      target,
      connect,
      guard: { hosts: [], checksOrigin: false },
      signal: stop.signal,
      now: () => performance.now(),
      portOwner: async () => undefined,
    })
  const [echo, answer, loopback] = await Promise.all([forward(7000), forward(7001), forward(7002)])
  return {
    echo,
    answer,
    loopback,
    async end() {
      stop.abort()
      agents.close()
      await Promise.all([echo, answer, loopback].map(({ done }) => done))
    },
  }
}

/** A running pod on a node's container, as the target of a forward. */
export function forwardTarget({ metadata, status }: KubeObject, nodeContainer: string): ForwardTarget {
  const { podIP } = status as { podIP: string }
  return { namespace: 'default', name: metadata.name, ip: podIP, nodeContainer }
}
