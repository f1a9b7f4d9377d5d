import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * Copies data in both directions until both have ended. If one side breaks, the other side sees a reset, so that it
 * does not take incomplete data for complete.
 */
export function join(socket: Socket, upstream: Duplex, onBytes: () => void): Promise<void> {
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
      // The client has closed the connection, so nobody can receive the rest from the pod.
      upstream.destroy()
      closed()
    })
    socket.pipe(upstream)
    upstream.pipe(socket)
    if (upstream.destroyed) broken(new Error('the pod closed the connection'))
    if (socket.destroyed) upstream.destroy()
  })
}
