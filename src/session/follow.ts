import http, { type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createParser } from 'eventsource-parser'
import type { Triggered } from '../loop/control.ts'
import type { EndedBy } from './session.ts'
import { requireOwn } from './socket.ts'
import type { KeptLines, PageAddress, SessionEntries, SessionState } from './state.ts'

/** Who is told about a running session. */
export interface SessionReader {
  /** The state after each change; undefined when no devk runs, also at first. */
  state(state: SessionState | undefined): void
  entries(entries: SessionEntries): void
}

/** Between two looks for a session, milliseconds. */
const paceMs = 1000

/**
 * Reads the session on a socket until the signal: the state after each change, and what happened. After a lost
 * connection it goes on where it was; a session that begins later is found.
 */
export async function followSession(socket: string, reader: SessionReader, signal: AbortSignal): Promise<void> {
  // Who looks for a session is told once if there is none.
  let isOpen = true
  for await (const event of eventsOf(socket, '/v1/events', { lastEventId: '', signal })) {
    if (event === undefined && isOpen) reader.state(undefined)
    isOpen = event !== undefined
    if (event?.name === 'state') reader.state(JSON.parse(event.data))
    if (event?.name === 'entries') reader.entries(JSON.parse(event.data))
  }
}

interface Place {
  /** The last event that was read; empty: from the beginning. */
  readonly lastEventId: string
  readonly signal: AbortSignal
}

/** An event of a session. */
export interface ReadEvent {
  readonly name: string
  /** A value in JSON. */
  readonly data: string
}

/**
 * The events of a path, as fast as they are taken, until the signal. After a lost connection it goes on where it was.
 * Yields undefined whenever nobody is there, also at first.
 */
export async function* eventsOf(socket: string, path: string, from: Place): AsyncGenerator<ReadEvent | undefined> {
  const { signal } = from
  let { lastEventId } = from
  while (!signal.aborted) {
    try {
      await requireOwn(socket)
      const response = await get(socket, path, { lastEventId, signal })
      let events: ReadEvent[] = []
      const parser = createParser({
        onEvent({ event: name = '', data, id }) {
          if (id !== undefined) lastEventId = id
          events.push({ name, data })
        },
      })
      response.setEncoding('utf8')
      for await (const text of response) {
        parser.feed(text)
        yield* events
        events = []
      }
    } catch {
      // No devk runs, or it has ended.
    }
    if (signal.aborted) break
    yield undefined
    await sleep(paceMs, undefined, { signal, ref: false }).catch(() => {})
  }
}

/** The present state of the session on a socket; undefined when no devk runs there. */
export async function readSession(socket: string, signal: AbortSignal): Promise<SessionState | undefined> {
  return (await read(socket, '/v1/state', signal)) as SessionState | undefined
}

/** The lines that the devk on a socket keeps of programs of this machine; undefined when no devk runs there. */
export async function readLines(socket: string, signal: AbortSignal): Promise<KeptLines | undefined> {
  return (await read(socket, '/v1/logs', signal)) as KeptLines | undefined
}

async function read(socket: string, path: string, signal: AbortSignal): Promise<unknown> {
  try {
    await requireOwn(socket)
    const response = await get(socket, path, { lastEventId: '', signal })
    return JSON.parse(Buffer.concat(await response.toArray()).toString('utf8'))
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

/** Asks the devk on a socket to build a service again. Returns false if it does not build it. */
export async function askRebuild(socket: string, service: string, signal: AbortSignal): Promise<boolean> {
  return (await post(socket, `/v1/rebuild?service=${encodeURIComponent(service)}`, signal)) === 202
}

/** Asks the devk on a socket to send what was saved of a service and waits. */
export async function askTrigger(socket: string, service: string, signal: AbortSignal): Promise<Triggered> {
  const code = await post(socket, `/v1/trigger?service=${encodeURIComponent(service)}`, signal)
  return code === 202 ? 'sent' : code === 204 ? 'nothing' : 'unknown'
}

/** Asks the devk on a socket to pause, or to go on. Returns false if it watches nothing. */
export async function askPause(socket: string, what: 'pause' | 'resume', signal: AbortSignal): Promise<boolean> {
  return (await post(socket, `/v1/${what}`, signal)) === 204
}

/** Asks the devk on a socket to end. Returns false if it cannot yet. */
export async function askStop(socket: string, by: EndedBy, signal: AbortSignal): Promise<boolean> {
  return (await post(socket, `/v1/stop?by=${by}`, signal)) === 202
}

/** Asks the devk on a socket where its page is. Returns undefined if it serves none. */
export async function askPage(socket: string, signal: AbortSignal): Promise<PageAddress | undefined> {
  const response = await posted(socket, '/v1/page', signal)
  const text = Buffer.concat(await response.toArray()).toString('utf8')
  return response.statusCode === 200 ? JSON.parse(text) : undefined
}

async function post(socket: string, path: string, signal: AbortSignal): Promise<number | undefined> {
  const response = await posted(socket, path, signal)
  response.resume()
  return response.statusCode
}

async function posted(socket: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  await requireOwn(socket)
  return new Promise((resolve, reject) => {
    const options = { socketPath: socket, path, method: 'POST', signal, agent: false }
    http.request(options, resolve).on('error', reject).end()
  })
}

function get(socketPath: string, path: string, { lastEventId, signal }: Place): Promise<IncomingMessage> {
  const headers = lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId }
  return new Promise((resolve, reject) => {
    http.get({ socketPath, path, headers, signal, agent: false }, resolve).on('error', reject)
  })
}
