import type { IncomingMessage } from 'node:http'
import { type Duplex, PassThrough, type Readable, Writable } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { recordOf } from '../lib/record.ts'

/** A terminal in the page. */
export interface PageTerminal {
  /** What the user types. */
  readonly input: Readable
  /**
   * What the terminal shows. It takes only as much as the page can show, and emits `resize` when its size changes. What
   * is written after the page has closed the terminal is dropped.
   */
  readonly output: Writable & { readonly columns: number; readonly rows: number }
  /** Aborts when the page has closed the terminal. */
  readonly closed: AbortSignal
}

/** What the page is told at the end of a terminal. */
export type TerminalEnd = { readonly exitCode: number } | { readonly failure: string; readonly hint: string | null }

/** Serves a terminal until what runs in it has ended. Must not reject. */
export type TerminalAnswer = (query: URLSearchParams, terminal: PageTerminal) => Promise<TerminalEnd>

/** Takes over the connection of a request that was let through. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** The protocol of a terminal: docs/api/ui.v1.yaml describes it. */
const protocol = 'devk.terminal.v1'
/** The most bytes of one message of the page. */
const longestMessage = 64 * 1024
/** How much may be sent that the page has not shown yet, bytes. */
const window = 256 * 1024

/** How long the page may take to close a connection, milliseconds. */
const closingMs = 1000

/** Accepts WebSockets that speak the protocol of terminals. After the signal nothing waits for the page any more. */
export function terminalUpgrade(answer: TerminalAnswer, signal: AbortSignal): Upgrade {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: longestMessage,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  })
  return (request, socket, head) => {
    server.handleUpgrade(request, socket, head, (connection) => {
      const query = new URLSearchParams((request.url ?? '').split('?', 2)[1])
      if (connection.protocol !== protocol) return connection.close(1002, `The protocol is ${protocol}.`)
      const { terminal, flushed } = terminalOf(connection, query, signal)
      void answer(query, terminal).then(async (end) => {
        await flushed()
        connection.send(JSON.stringify(end))
        connection.close(1000)
        setTimeout(() => connection.terminate(), closingMs).unref()
      })
    })
  }
}

function terminalOf(connection: WebSocket, query: URLSearchParams, signal: AbortSignal) {
  const closed = new AbortController()
  const input = new PassThrough()
  let size = sizeIn({ columns: Number(query.get('columns')), rows: Number(query.get('rows')) }) ?? [80, 24]
  let unread = 0
  let waiting: (() => void) | undefined
  /** Goes on with what waits for the page. */
  const wake = () => {
    const next = waiting
    waiting = undefined
    next?.()
  }
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (closed.signal.aborted || signal.aborted) return done()
      unread += chunk.length
      connection.send(chunk)
      if (unread < window) done()
      else waiting = done
    },
  })
  connection.on('message', (data: RawData, isBinary) => {
    const bytes = data as Buffer
    if (isBinary) {
      if (!input.write(bytes)) {
        connection.pause()
        input.once('drain', () => connection.resume())
      }
      return
    }
    const message = messageIn(bytes)
    if (typeof message.shown === 'number') {
      unread = Math.max(0, unread - message.shown)
      if (unread < window) wake()
    }
    const next = sizeIn(message)
    if (next === undefined) return
    size = next
    output.emit('resize')
  })
  connection.on('error', () => connection.terminate())
  signal.addEventListener('abort', wake)
  connection.on('close', () => {
    signal.removeEventListener('abort', wake)
    closed.abort()
    input.end()
    wake()
  })
  Object.defineProperties(output, { columns: { get: () => size[0] }, rows: { get: () => size[1] } })
  const terminal = { input, output: output as PageTerminal['output'], closed: closed.signal }
  /** Resolves when everything that was written has been sent. */
  const flushed = () => new Promise<void>((resolve) => output.write(Buffer.alloc(0), () => resolve()))
  return { terminal, flushed }
}

function messageIn(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(bytes.toString('utf8')))
  } catch {
    return {}
  }
}

function sizeIn({ columns, rows }: Readonly<Record<string, unknown>>): readonly [number, number] | undefined {
  const isSize = (value: unknown): value is number =>
    Number.isInteger(value) && Number(value) > 0 && Number(value) < 1000
  return isSize(columns) && isSize(rows) ? [columns, rows] : undefined
}
