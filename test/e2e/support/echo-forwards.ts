import { execaRunner } from '../../../src/exec/runner.ts'
import { type ForwardTarget, podDialer } from '../../../src/forward/connect.ts'
import { type Forward, startForward } from '../../../src/forward/forwarder.ts'
import type { KubeObject, PodStreams } from '../../../src/kube/api.ts'

/** Forwards from free ports of this machine to those of the echo server. */
export interface EchoForwards {
  readonly echo: Forward
  readonly answer: Forward
  readonly loopback: Forward
  /** Ends them with their connections. */
  end(): Promise<void>
}

/** Forwards to the echo server of whatever pod `target` gives. */
export async function forwardEcho(streams: PodStreams, target: () => ForwardTarget | undefined): Promise<EchoForwards> {
  const stop = new AbortController()
  const dialer = podDialer(execaRunner(process.env), streams.connect)
  const forward = (remotePort: number) =>
    startForward({
      name: 'echo',
      localPort: 0,
      remotePort,
      target,
      connect: dialer.connect,
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
      dialer.close()
      await Promise.all([echo, answer, loopback].map(({ done }) => done))
    },
  }
}

/** What a forward has to know of a running pod on the node of this container. */
export function forwardTarget({ metadata, status }: KubeObject, nodeContainer: string): ForwardTarget {
  const { podIP } = status as { podIP: string }
  return { namespace: 'default', name: metadata.name, ip: podIP, nodeContainer }
}
