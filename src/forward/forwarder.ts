import { createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import type { FindPortOwner } from '../host/port-owner.ts'
import type { PodRef } from '../kube/api.ts'
import { messageOf } from '../lib/text.ts'
import { join } from './join.ts'
import { connectionOptions, listen } from './listen.ts'
import type { GuardRules } from './request-guard.ts'

/** Limit for one attempt to connect to a pod. */
const attemptMs = 5000
/** Pauses between two attempts. To ask whether a pod is ready costs nothing, to connect in vain costs a little. */
const shortestPauseMs = 50
const longestPauseMs = 250

/** Opens one TCP connection to a port of a target. Rejects if the target does not accept it. */
export type Connect<T extends PodRef> = (target: T, port: number, signal: AbortSignal) => Promise<Duplex>

/** What happens on a forward. */
export type ForwardEvent =
  /** New connections go to another pod than before. */
  | { readonly type: 'target'; readonly pod: PodRef }
  /** A connection failed: no pod accepted it in time, or it broke. */
  | { readonly type: 'failed'; readonly reason: string }

/** What a forward connects, and what it needs. */
export interface ForwardOptions<T extends PodRef> {
  /** Name of the service, for messages. */
  readonly name: string
  /** Port on 127.0.0.1; 0 chooses a free port. */
  readonly localPort: number
  readonly remotePort: number
  /** Returns the newest ready pod, or undefined if none is ready. Called for each connection. */
  readonly target: () => T | undefined
  readonly connect: Connect<T>
  /** Which requests are passed on. */
  readonly guard: GuardRules
  readonly signal: AbortSignal
  readonly now: () => number
  /** Called if the local port is in use. */
  readonly portOwner: FindPortOwner
  readonly onEvent?: (event: ForwardEvent) => void
  /** How long a new connection waits for a pod that accepts it, in milliseconds. The default is 30,000. */
  readonly holdMs?: number
}

/** The present state of a forward. */
export interface ForwardState {
  readonly name: string
  readonly localPort: number
  readonly remotePort: number
  /** Number of open connections. */
  readonly connections: number
  /** Number of connections since the start. */
  readonly total: number
  /** Time of the last byte in either direction, in milliseconds of `now`; undefined before the first byte. */
  readonly lastByteAt: number | undefined
  readonly target: PodRef | undefined
  /** Why the last connection failed; undefined after one that succeeded. */
  readonly problem: string | undefined
}

/** A running forward. */
export interface Forward {
  readonly localPort: number
  state(): ForwardState
  /** Resolves after the signal, when the port and all connections are closed. Never rejects. */
  readonly done: Promise<void>
}

/**
 * Listens on 127.0.0.1 and ::1 until the signal, also while pods stop and start. Nothing is read from a connection
 * before a pod has accepted it, so a connection that one pod refuses can go to the next. Throws PORT_TAKEN with the
 * program that uses the port, and HOST_UNFIT.
 */
export async function startForward<T extends PodRef>(options: ForwardOptions<T>): Promise<Forward> {
  const { name, remotePort, signal, onEvent = () => {} } = options
  const sockets = new Set<Socket>()
  let total = 0
  let lastByteAt: number | undefined
  let target: T | undefined
  let problem: string | undefined

  const serve = async (socket: Socket): Promise<void> => {
    const upstream = await take(options, socket, (pod) => {
      if (pod.name !== target?.name || pod.namespace !== target.namespace) onEvent({ type: 'target', pod })
      target = pod
    })
    problem = undefined
    const onBytes = () => {
      lastByteAt = options.now()
    }
    await join(socket, upstream, { guard: options.guard, onBytes })
  }

  const server = createServer(connectionOptions, (socket) => {
    total += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // `serve` reports the reason. Without a listener the error event would end the process.
    socket.on('error', () => {})
    serve(socket).catch((error: unknown) => {
      socket.resetAndDestroy()
      if (signal.aborted) return
      problem = messageOf(error)
      onEvent({ type: 'failed', reason: problem })
    })
  })
  await listen(server, options, connectionOptions)
  // For example when file descriptors run out. The server goes on when some are free again.
  server.on('error', (error) => onEvent({ type: 'failed', reason: error.message }))

  const done = new Promise<void>((resolve) => server.once('close', resolve))
  const stop = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()

  const address = server.address()
  const localPort = typeof address === 'object' && address !== null ? address.port : options.localPort
  return {
    localPort,
    done,
    state: () => ({ name, localPort, remotePort, connections: sockets.size, total, lastByteAt, target, problem }),
  }
}

/**
 * Opens and closes one connection the way a forward does for a client. Returns undefined if a pod accepted it,
 * otherwise the reason as the end of a sentence about the port.
 */
export async function whyNoConnection<T extends PodRef>(
  target: () => T | undefined,
  port: number,
  connect: Connect<T>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const deadline = performance.now() + attemptMs
  for (;;) {
    const pod = target()
    try {
      if (pod) {
        const upstream = await connect(pod, port, AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]))
        upstream.on('error', () => {})
        upstream.destroy()
        return undefined
      }
    } catch (error) {
      signal.throwIfAborted()
      return `did not accept a connection: ${messageOf(error)}`
    }
    if (performance.now() > deadline) return 'has no ready pod'
    await sleep(50, undefined, { signal })
  }
}

/**
 * Connects to the newest ready pod. Repeats this until a pod accepts the connection, the client closes its side, or the
 * time is up.
 */
async function take<T extends PodRef>(
  options: ForwardOptions<T>,
  socket: Socket,
  onTarget: (target: T) => void,
): Promise<Duplex> {
  const deadline = performance.now() + (options.holdMs ?? 30_000)
  const gone = new AbortController()
  socket.once('close', () => gone.abort(new Error('the client closed the connection')))
  const signal = AbortSignal.any([options.signal, gone.signal])
  let reason = 'no pod is ready'
  let refusals = 0
  for (;;) {
    const pod = options.target()
    let pause = shortestPauseMs
    if (pod) {
      try {
        // A pod that has just stopped may not answer at all. The next attempt goes to its successor.
        const left = AbortSignal.timeout(Math.min(attemptMs, Math.max(1, Math.ceil(deadline - performance.now()))))
        const upstream = await options.connect(pod, options.remotePort, AbortSignal.any([signal, left]))
        onTarget(pod)
        return upstream
      } catch (error) {
        signal.throwIfAborted()
        reason = messageOf(error)
        pause = Math.min(shortestPauseMs * 2 ** refusals, longestPauseMs)
        refusals += 1
      }
    }
    if (performance.now() + pause > deadline) {
      throw new DevkError(
        'NOT_READY',
        `${options.name}: port ${options.remotePort} did not accept a connection: ${reason}`,
      )
    }
    await sleep(pause, undefined, { signal })
  }
}
