import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'

/** What `localhost` can mean: a program may listen on one of the two only. */
const addresses = ['127.0.0.1', '::1'] as const
const pauseMs = 100

/**
 * Connects to a port on the loopback addresses of this machine. A connection waits for a program that is starting.
 * Throws NOT_READY if nothing has listened there for `patienceMs`, and the reason of the signal.
 */
export async function connectLoopback(port: number, signal: AbortSignal, patienceMs = 5000): Promise<Socket> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    for (const host of addresses) {
      const socket = await connectTo(host, port, signal)
      if (socket !== undefined) return socket
    }
    if (performance.now() > deadline) throw new DevkError('NOT_READY', `Nothing listens on localhost:${port}`)
    await sleep(pauseMs, undefined, { signal })
  }
}

/** undefined if nothing accepts the connection. */
function connectTo(host: string, port: number, signal: AbortSignal): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
    const settle = (act: () => void) => {
      signal.removeEventListener('abort', abort)
      socket.off('connect', accepted).off('error', refused)
      act()
    }
    const accepted = () => settle(() => resolve(socket))
    const refused = () => settle(() => resolve(undefined))
    const abort = () =>
      settle(() => {
        socket.on('error', () => {})
        socket.destroy()
        reject(signal.reason)
      })
    signal.addEventListener('abort', abort)
    socket.on('connect', accepted).on('error', refused)
  })
}
