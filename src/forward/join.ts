import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type GuardRules, judge } from './request-guard.ts'

/** How to copy. */
export interface JoinOptions {
  /** Which requests are passed on. */
  readonly guard: GuardRules
  /** Called for each chunk in either direction. */
  readonly onBytes: () => void
}

/** Time that a client has to read why its request was refused, ms. */
const readingMs = 1000

/**
 * Copies data in both directions until both have ended. If one side breaks, the other side sees a reset, so that it
 * does not take incomplete data for complete. A request that the rules refuse is answered here, and not passed on.
 */
export function join(socket: Socket, upstream: Duplex, { guard, onBytes }: JoinOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let open = 2
    let isRefused = false
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
    const refuse = (answer: string) => {
      isRefused = true
      upstream.destroy()
      socket.resume()
      socket.end(answer)
      socket.setTimeout(readingMs, () => socket.destroy())
    }
    socket.on('data', onBytes)
    upstream.on('data', onBytes)
    upstream.on('error', broken)
    socket.on('error', () => upstream.destroy())
    upstream.on('close', () =>
      closed(isRefused || upstream.readableEnded ? undefined : new Error('the pod closed the connection')),
    )
    socket.on('close', () => {
      // The client has closed the connection, so nobody can receive the rest from the pod.
      upstream.destroy()
      closed()
    })
    pipeGuarded(socket, upstream, { guard, refuse })
    upstream.pipe(socket)
    if (upstream.destroyed) broken(new Error('the pod closed the connection'))
    if (socket.destroyed) upstream.destroy()
  })
}

/** Like `socket.pipe(upstream)` after the first bytes have passed. Later bytes cost nothing more. */
function pipeGuarded(
  socket: Socket,
  upstream: Duplex,
  { guard, refuse }: { readonly guard: GuardRules; readonly refuse: (answer: string) => void },
): void {
  let head = Buffer.alloc(0)
  const judged = () => {
    socket.off('data', onData).off('end', onEnd)
    if (head.length > 0) upstream.write(head)
  }
  const onEnd = () => {
    judged()
    upstream.end()
  }
  const onData = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk])
    const verdict = judge(head, guard)
    if (verdict === 'more') return
    if (verdict === 'pass') {
      judged()
      socket.pipe(upstream)
      return
    }
    head = Buffer.alloc(0)
    judged()
    upstream.unpipe(socket)
    refuse(verdict.refusal)
  }
  socket.on('data', onData)
  socket.on('end', onEnd)
  socket.resume()
}
