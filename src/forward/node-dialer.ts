import { Duplex } from 'node:stream'
import { DevkError } from '../errors.ts'
import type { Child } from '../exec/runner.ts'
import { windowBytes } from './agent-script.ts'
import { encodeFrame, frameSplitter } from './node-frames.ts'

/** Opens TCP connections from a node's network. */
export interface NodeDialer {
  /** Rejects with NOT_READY and the node's reason when the address does not accept. */
  dial(address: string, port: number, signal: AbortSignal): Promise<Duplex>
  /** Ends the agent and with it every connection. */
  close(): void
}

interface Connection {
  readonly duplex: Duplex
  connected(): void
  refused(error: Error): void
  /** Bytes that the node takes still. */
  credit: number
  /** What waits for credit. */
  waiting: { chunk: Buffer; done: (error?: Error | null) => void } | undefined
  /** Received and not yet told to the node as consumed. */
  unread: number
  ended: boolean
}

/** Talks to one agent (see node-agent.ts), which `start` starts anew whenever it is needed and not there. */
export function nodeDialer(start: () => Child): NodeDialer {
  let agent: { child: Child; connections: Map<number, Connection> } | undefined
  let nextId = 1

  const ensure = () => {
    if (agent) return agent
    const child = start()
    const mine = { child, connections: new Map<number, Connection>() }
    agent = mine
    const split = frameSplitter()
    child.stdout.on('data', (chunk: Buffer) => {
      for (const frame of split(chunk)) receive(mine, frame.type, frame.id, frame.payload)
    })
    let words = ''
    child.stderr.on('data', (chunk: Buffer) => {
      words = (words + String(chunk)).slice(-500)
    })
    void child.done.then((code) => {
      if (agent === mine) agent = undefined
      const error = new DevkError('CLUSTER_FAILED', `the agent on the node ended (exit ${code}) ${words.trim()}`.trim())
      for (const connection of mine.connections.values()) {
        connection.refused(error)
        connection.duplex.destroy(error)
      }
    })
    return mine
  }

  return {
    async dial(address, port, signal) {
      signal.throwIfAborted()
      const { child, connections } = ensure()
      const id = nextId++
      const answer = Promise.withResolvers<void>()
      const send = (type: string, payload?: Buffer) => child.stdin.write(encodeFrame(type, id, payload))
      const duplex = new Duplex({
        allowHalfOpen: true,
        read() {
          const connection = connections.get(id)
          if (!connection || connection.unread === 0) return
          send('W', uint32(connection.unread))
          connection.unread = 0
        },
        write(chunk: Buffer, _encoding, done) {
          const connection = connections.get(id)
          if (!connection) return done(new Error('the connection is closed'))
          connection.waiting = { chunk, done }
          pump(child, id, connection)
        },
        final(done) {
          send('F')
          done()
        },
        destroy(error, done) {
          const connection = connections.get(id)
          connections.delete(id)
          if (connection && !(connection.ended && duplex.writableFinished)) send('R')
          connection?.waiting?.done(error ?? new Error('the connection is closed'))
          done(error)
        },
      })
      connections.set(id, {
        duplex,
        connected: answer.resolve,
        refused: answer.reject,
        credit: windowBytes,
        waiting: undefined,
        unread: 0,
        ended: false,
      })
      const onAbort = () => answer.reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      // A refusal is told by the rejection; the stream is nobody's then.
      const mute = () => {}
      duplex.on('error', mute)
      try {
        send('O', Buffer.from(`${address} ${port}`))
        await answer.promise
        return duplex
      } catch (error) {
        duplex.destroy()
        throw error
      } finally {
        signal.removeEventListener('abort', onAbort)
        setImmediate(() => duplex.off('error', mute))
      }
    },
    close: () => agent?.child.kill(),
  }
}

function receive(
  agent: { child: Child; connections: Map<number, Connection> },
  type: string,
  id: number,
  payload: Buffer,
): void {
  const connection = agent.connections.get(id)
  if (!connection) return
  const { duplex } = connection
  if (type === 'C') connection.connected()
  else if (type === 'E') connection.refused(new DevkError('NOT_READY', String(payload)))
  else if (type === 'W') {
    connection.credit += payload.readUInt32BE(0)
    pump(agent.child, id, connection)
  } else if (type === 'D') {
    if (duplex.push(payload)) agent.child.stdin.write(encodeFrame('W', id, uint32(payload.length)))
    else connection.unread += payload.length
  } else if (type === 'F') {
    connection.ended = true
    duplex.push(null)
  } else if (type === 'R') {
    connection.ended = true
    const reset: NodeJS.ErrnoException = new Error('the pod reset the connection')
    reset.code = 'ECONNRESET'
    duplex.destroy(reset)
  }
}

/** Sends what waits, as far as the node's window goes. */
function pump(child: Child, id: number, connection: Connection): void {
  const { waiting } = connection
  if (!waiting || connection.credit === 0) return
  const piece = waiting.chunk.subarray(0, connection.credit)
  connection.credit -= piece.length
  child.stdin.write(encodeFrame('D', id, piece))
  if (piece.length < waiting.chunk.length) {
    connection.waiting = { chunk: waiting.chunk.subarray(piece.length), done: waiting.done }
    return
  }
  connection.waiting = undefined
  waiting.done()
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value)
  return buffer
}
