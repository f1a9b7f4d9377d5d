import { Duplex, type Readable } from 'node:stream'
import { DevkError } from '../../errors.ts'
import { messageOf } from '../../lib/text.ts'
import type { PodRef, PodStreams } from '../api.ts'
import type { Http } from '../client/http.ts'
import type { Session } from './spdy-session.ts'
import { openSession } from './upgrade.ts'

/** Times of connections to pods. */
export interface ConnectTiming {
  /** How long to wait for a refusal on the first connection to a port. */
  readonly proofMs: number
  /** How long the pod must send nothing before the end of the client's data is passed on. */
  readonly quietMs: number
}

const defaults: ConnectTiming = { proofMs: 200, quietMs: 10_000 }

/**
 * Connects through the port-forward of the API server. Each connection has its own session, so that a reader that stops
 * does not block other connections.
 *
 * The protocol has half-close, but containerd 2.1.5 does not: when the stream to the pod ends, it closes its socket a
 * second later, and the rest of the response is lost. So the end of the stream is passed on only after the pod has sent
 * nothing for `quietMs`. The cost: a program that responds only at the end of its input responds late, or only with
 * what it writes within one second.
 */
export function podConnector(http: Http, timing: ConnectTiming = defaults): PodStreams['connect'] {
  // The protocol reports a failed connection inside the pod, but no successful one. So the first connection to a port
  // waits a little.
  const proven = new Set<string>()
  return async (pod, port, signal) => {
    const key = `${pod.namespace}/${pod.name}:${port}`
    const session = await openSession(
      http,
      pod,
      { name: 'portforward', query: '', protocol: 'portforward.k8s.io' },
      signal,
    )
    try {
      const headers = { port: String(port), requestID: '0' }
      const error = session.open({ ...headers, streamType: 'error' }, 'ends')
      error.end()
      const data = session.open({ ...headers, streamType: 'data' })
      const refusal = readRefusal(error)
      await abortable(session.accepted(), signal)
      const connection = joined(session, data, refusal, timing.quietMs)
      if (!proven.has(key)) await abortable(proof(connection, timing.proofMs), signal)
      proven.add(key)
      return connection
    } catch (cause) {
      session.close()
      signal.throwIfAborted()
      throw refused(pod, port, cause)
    }
  }
}

function refused(pod: PodRef, port: number, cause: unknown): DevkError {
  if (cause instanceof DevkError) return cause
  const reason = messageOf(cause)
  return new DevkError('KUBE_API', `pod ${pod.namespace}/${pod.name} refuses connections on port ${port}: ${reason}`, {
    cause,
  })
}

/** Resolves with the text of the error stream. It is empty when there was no error. */
async function readRefusal(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of stream) chunks.push(chunk as Buffer)
  } catch {
    // The session ended. Use what was read.
  }
  return Buffer.concat(chunks).toString('utf8').trim()
}

/** The data stream as a connection. It fails with the text of the error stream when there is one. */
function joined(session: Session, data: Duplex, refusal: Promise<string>, quietMs: number): Duplex {
  let quiet: NodeJS.Timeout | undefined
  let ending = false
  const restart = () => {
    clearTimeout(quiet)
    if (ending) quiet = setTimeout(() => data.end(), quietMs)
  }
  const connection = new Duplex({
    allowHalfOpen: true,
    read: () => void data.resume(),
    write: (chunk, _encoding, done) => void data.write(chunk, done),
    final(done) {
      ending = true
      restart()
      done()
    },
    destroy(error, done) {
      clearTimeout(quiet)
      session.close()
      done(error)
    },
  })
  data.on('data', (chunk) => {
    restart()
    if (!connection.push(chunk)) data.pause()
  })
  data.on('error', (error) => {
    // The text of the error stream arrives after the end of the data stream, and is more precise.
    void refusal.then((text) => connection.destroy(text === '' ? error : new Error(text)))
  })
  data.on('end', () => {
    clearTimeout(quiet)
    void refusal.then((text) => {
      if (text !== '') connection.destroy(new Error(text))
      else connection.push(null)
    })
  })
  return connection
}

/** Resolves with the first byte, or after `ms` without an error. Rejects when the connection breaks before. */
function proof(connection: Duplex, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error) => {
      clearTimeout(timer)
      connection.off('readable', onReadable)
      connection.off('error', done)
      if (error) reject(error)
      else resolve()
    }
    const onReadable = () => done()
    const timer = setTimeout(done, ms)
    connection.on('readable', onReadable)
    connection.on('error', done)
  })
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    if (signal.aborted) onAbort()
  })
}
