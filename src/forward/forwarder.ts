import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { type FindPortOwner, ownerText } from '../host/port-owner.ts'
import type { PodRef } from '../kube/api.ts'

const attemptMs = 5000

/** Opens one TCP connection to a port of a target; rejects when the target does not accept it. */
export type Connect<T extends PodRef> = (target: T, port: number, signal: AbortSignal) => Promise<Duplex>

export type ForwardEvent =
  /** Connections go to another pod than before. */
  | { readonly type: 'target'; readonly pod: PodRef }
  /** A connection was given up: no pod took it in time, or it broke. */
  | { readonly type: 'failed'; readonly reason: string }

export interface ForwardOptions<T extends PodRef> {
  /** What is forwarded, for messages: the service. */
  readonly name: string
  /** Port on 127.0.0.1; 0 takes any that is free. */
  readonly localPort: number
  readonly remotePort: number
  /** The newest ready pod now; undefined while there is none. Asked for each connection. */
  readonly target: () => T | undefined
  readonly connect: Connect<T>
  readonly signal: AbortSignal
  readonly now: () => number
  /** Asked when the local port is taken. */
  readonly portOwner: FindPortOwner
  readonly onEvent?: (event: ForwardEvent) => void
  /** How long a new connection is held while no pod takes it. */
  readonly holdMs?: number
}

export interface ForwardState {
  readonly name: string
  readonly localPort: number
  readonly remotePort: number
  /** Open now, and since the start. */
  readonly connections: number
  readonly total: number
  /** When a byte last went through, in the clock's milliseconds; undefined before the first. */
  readonly lastByteAt: number | undefined
  readonly target: PodRef | undefined
  /** Why the last connection failed; undefined once one succeeded. */
  readonly problem: string | undefined
}

export interface Forward {
  readonly localPort: number
  state(): ForwardState
  /** Resolves when the port is closed and every connection is gone, after the signal. Never rejects. */
  readonly done: Promise<void>
}

/**
 * Listens on 127.0.0.1 until the signal, whatever happens to the pods behind. A connection is read from only when a pod has
 * taken it, so one that no pod took yet can be offered to the next. Throws PORT_TAKEN with the program that has the port.
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
    await join(socket, upstream, onBytes)
  }

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
    total += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // The reason is told by `serve`; without a listener it would end devk.
    socket.on('error', () => {})
    serve(socket).catch((error: unknown) => {
      socket.resetAndDestroy()
      if (signal.aborted) return
      problem = error instanceof Error ? error.message : String(error)
      onEvent({ type: 'failed', reason: problem })
    })
  })
  await listen(server, options)
  // Running out of file descriptors is told here, and is over when some are free again.
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

/** Tries once, from end to end, what a client would get from a forward: undefined when a pod took the connection, else why none did. */
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
      return `took no connection: ${error instanceof Error ? error.message : String(error)}`
    }
    if (performance.now() > deadline) return 'has no ready pod'
    await sleep(50, undefined, { signal })
  }
}

/** Offers the connection to the newest ready pod, again and again, until one takes it, the client leaves or time is up. */
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
  for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
    const pod = options.target()
    if (pod) {
      try {
        // A pod that has just died may not answer at all; the next attempt goes to its successor.
        const left = AbortSignal.timeout(Math.min(attemptMs, Math.max(1, Math.ceil(deadline - performance.now()))))
        const upstream = await options.connect(pod, options.remotePort, AbortSignal.any([signal, left]))
        onTarget(pod)
        return upstream
      } catch (error) {
        signal.throwIfAborted()
        reason = error instanceof Error ? error.message : String(error)
      }
    }
    if (performance.now() + pause > deadline) {
      throw new DevkError('NOT_READY', `${options.name}: port ${options.remotePort} took no connection: ${reason}`)
    }
    await sleep(pause, undefined, { signal })
  }
}

/** Joins both until each direction has ended; when one breaks, the other side sees a reset, never a clean but early end. */
function join(socket: Socket, upstream: Duplex, onBytes: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let open = 2
    const closed = (error?: Error | null) => {
      if (error) return broken(error)
      open -= 1
      if (open === 0) resolve()
    }
    const broken = (error: Error) => {
      upstream.destroy()
      socket.resetAndDestroy()
      reject(error)
    }
    socket.on('data', onBytes)
    upstream.on('data', onBytes)
    upstream.on('error', broken)
    socket.on('error', () => upstream.destroy())
    upstream.on('close', () => closed(upstream.readableEnded ? undefined : new Error('the pod closed the connection')))
    socket.on('close', () => {
      // What the pod still had to say has nobody to go to.
      upstream.destroy()
      closed()
    })
    socket.pipe(upstream)
    upstream.pipe(socket)
    if (upstream.destroyed) broken(new Error('the pod closed the connection'))
    if (socket.destroyed) upstream.destroy()
  })
}

async function listen(
  server: Server,
  { name, localPort, portOwner }: Pick<ForwardOptions<PodRef>, 'name' | 'localPort' | 'portOwner'>,
): Promise<void> {
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen({ host: '127.0.0.1', port: localPort }, () => {
      server.off('error', resolve)
      resolve(undefined)
    })
  })
  if (!failure) return
  if (failure.code !== 'EADDRINUSE') {
    throw new DevkError('HOST_UNFIT', `cannot listen on 127.0.0.1:${localPort} for ${name} (${failure.code})`, {
      cause: failure,
      ...(failure.code === 'EACCES' ? { hint: 'Ports below 1024 need more rights; choose a higher one.' } : {}),
    })
  }
  const owner = await portOwner(localPort)
  throw new DevkError('PORT_TAKEN', `Port ${localPort} is taken${owner ? ` by ${ownerText(owner)}` : ''}`, {
    details: [`The forward of ${name} listens there.`],
    hint: 'Stop that program, or choose another port.',
    cause: failure,
  })
}
