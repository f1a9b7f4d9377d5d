import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { NodeAgents } from '../agent/node-agents.ts'
import { StreamFailure } from '../agent/stream.ts'
import { DevkError } from '../errors.ts'
import { reverse } from '../forward/reverse.ts'
import type { LedPort } from './plan.ts'
import type { SwapPort } from './ports.ts'

/** Below the node ports of Kubernetes and the ports that the kernel gives to clients. */
const firstPort = 20_000
const portCount = 10_000
const mostAttempts = 20
const inUse = 98

/** How the nodes listen for the pods that connect to a swapped Service. */
export interface ListenOptions {
  readonly agents: Pick<NodeAgents, 'open'>
  /** The containers of all nodes. */
  readonly nodes: readonly string[]
  /** What is listened for. Different names get different ports, as far as there are free ones. */
  readonly name: string
  /** Connects to a port of this machine. */
  readonly connect: (port: number, signal: AbortSignal) => Promise<Socket>
  /** Called with each later reason why a node does not listen. It is tried again. */
  readonly onFailed: (node: string, error: unknown) => void
}

/**
 * Makes every node listen, for each port of a Service, at the same port of `swapAddress`, until the signal. Resolves
 * when all do. Throws NODE_AGENT if an agent cannot run, NOT_READY if no port is free on all nodes, and the reason of
 * the signal.
 */
export async function listenOnNodes(
  options: ListenOptions,
  ports: readonly SwapPort[],
  signal: AbortSignal,
): Promise<LedPort[]> {
  const led: LedPort[] = []
  for (const port of ports) led.push({ name: port.name, nodePort: await listenFor(options, port, signal) })
  return led
}

async function listenFor(options: ListenOptions, { port, local }: SwapPort, signal: AbortSignal): Promise<number> {
  const start = createHash('sha256').update(`${options.name}:${port}`).digest().readUInt32BE()
  for (let attempt = 0; ; attempt += 1) {
    const nodePort = firstPort + ((start + attempt) % portCount)
    try {
      await listenAt(nodePort, { options, local }, signal)
      return nodePort
    } catch (error) {
      if (!isInUse(error) || attempt >= mostAttempts) throw error
    }
  }
}

interface Wanted {
  readonly options: ListenOptions
  readonly local: number
}

/** Throws the first reason why a node cannot listen; none listens then. */
async function listenAt(nodePort: number, { options, local }: Wanted, signal: AbortSignal): Promise<void> {
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const connect = (_port: number, until: AbortSignal) => options.connect(local, until)
  const listening = options.nodes.map((nodeContainer) => {
    const first = Promise.withResolvers<void>()
    let isFirst = true
    const onListening = () => {
      isFirst = false
      first.resolve()
    }
    const onFailed = (error: unknown) => {
      if (isFirst) first.reject(error)
      else options.onFailed(nodeContainer, error)
    }
    const about = { agents: options.agents, nodeContainer, mode: 'swap', port: nodePort, connect } as const
    void reverse({ ...about, onListening, onFailed }, either).then(() => first.reject(either.reason))
    return first.promise
  })
  try {
    await Promise.all(listening)
  } catch (error) {
    stop.abort(error)
    await Promise.allSettled(listening)
    throw error
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof DevkError && error.cause instanceof StreamFailure && error.cause.errno === inUse
}
