import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentMode, NodeAgents } from '../agent/node-agents.ts'
import { closed } from '../lib/streams/closed.ts'
import { openStream } from './connect.ts'

/** Streams of one node and port that wait for a connection. More connections wait on the node. */
const mostWaiting = 4
/** Open connections of one node and port. */
const mostOpen = 256
/** The pause before the agent of a node is asked again (ms). */
const pauseMs = 1000

/** A port of this machine that pods of one node can reach. */
export interface ReverseOptions {
  readonly agents: Pick<NodeAgents, 'open'>
  /** The container of the node on the local engine. */
  readonly nodeContainer: string
  /** The agent that listens. Default: that of host.devk.internal. */
  readonly mode?: AgentMode
  /** The port on the node. */
  readonly port: number
  /** Connects to the program on this machine. */
  readonly connect: (port: number, signal: AbortSignal) => Promise<Socket>
  /** Called each time that the node has begun to listen. */
  readonly onListening: () => void
  /** Called with each reason why the node does not listen. It is tried again. */
  readonly onFailed: (error: unknown) => void
}

/**
 * Lets pods of a node connect to one port of this machine, until the signal. Nothing listens on this machine: the agent
 * of the node does, and passes each connection on over its own pipe. Where a connection leads is decided here, by the
 * stream that it comes with, so nothing that a node sends can lead to another port. Never rejects.
 */
export async function reverse(options: ReverseOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await listenOnce(options, signal).catch((error: unknown) => {
      if (!signal.aborted) options.onFailed(error)
    })
    await sleep(pauseMs, undefined, { signal }).catch(() => {})
  }
}

/** Listens until the signal, or until the agent ends. */
async function listenOnce(options: ReverseOptions, signal: AbortSignal): Promise<void> {
  const { agents, nodeContainer, port, mode = 'reverse' } = options
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const open = (verb: 'listen' | 'accept') =>
    openStream(agents, { mode, nodeContainer, target: `${verb} ${port}` }, either)
  const listening = await open('listen')
  const streams = new Set<Duplex>([listening])
  either.addEventListener('abort', () => {
    for (const stream of streams) stream.destroy()
  })
  try {
    options.onListening()
    accept(() => open('accept'), { options, streams, signal: either })
    await closed(listening)
  } finally {
    stop.abort()
  }
}

interface Accepting {
  readonly options: ReverseOptions
  /** The open streams. The signal destroys them. */
  readonly streams: Set<Duplex>
  readonly signal: AbortSignal
}

/** Keeps streams waiting for connections, and serves those that have got one. */
function accept(open: () => Promise<Duplex>, { options, streams, signal }: Accepting): void {
  let waiting = 0
  const offer = () => {
    while (waiting < mostWaiting && waiting + streams.size <= mostOpen && !signal.aborted) {
      waiting += 1
      void next()
    }
  }
  const next = async () => {
    // It fails only when the port is closed; `listenOnce` sees that too.
    const stream = await open().catch(() => undefined)
    waiting -= 1
    if (stream === undefined || signal.aborted) return void stream?.destroy()
    streams.add(stream)
    offer()
    await serve(stream, options, signal)
    streams.delete(stream)
    offer()
  }
  offer()
}

/** Copies between a connection of a pod and the program on this machine. Never rejects. */
async function serve(stream: Duplex, { connect, port }: ReverseOptions, signal: AbortSignal): Promise<void> {
  stream.on('error', () => {})
  const gone = new AbortController()
  stream.once('close', () => gone.abort())
  try {
    const socket = await connect(port, AbortSignal.any([signal, gone.signal]))
    await Promise.all([copied(stream, socket), closed(stream)])
  } catch {
    // The pod sees a reset.
    stream.destroy()
  }
}

/** Copies in both directions until both have ended. If one side breaks, the other one sees a reset. */
function copied(stream: Duplex, socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', () => {
      if (!(stream.readableEnded && stream.writableFinished)) socket.resetAndDestroy()
    })
    socket.on('error', () => {})
    socket.once('close', () => {
      if (!(socket.readableEnded && socket.writableFinished)) stream.destroy()
      resolve()
    })
    stream.pipe(socket)
    socket.pipe(stream)
    if (stream.destroyed) socket.resetAndDestroy()
  })
}
