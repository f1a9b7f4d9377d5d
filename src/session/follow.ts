import http, { type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createParser } from 'eventsource-parser'
import type { Triggered } from '../loop/control.ts'
import type { EndedBy } from './session.ts'
import { requireOwn } from './socket.ts'
import type { PageAddress, SessionEntries, SessionState } from './state.ts'

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
  let lastEventId = ''
  // Who looks for a session is told once if there is none.
  let isOpen = true
  while (!signal.aborted) {
    try {
      await requireOwn(socket)
      const response = await get(socket, '/v1/events', { lastEventId, signal })
      isOpen = true
      const parser = createParser({
        onEvent({ event, data, id }) {
          if (id !== undefined) lastEventId = id
          if (event === 'state') reader.state(JSON.parse(data))
          if (event === 'entries') reader.entries(JSON.parse(data))
        },
      })
      response.setEncoding('utf8')
      for await (const text of response) parser.feed(text)
    } catch {
      // No devk runs, or it has ended.
    }
    if (signal.aborted) break
    if (isOpen) reader.state(undefined)
    isOpen = false
    await sleep(paceMs, undefined, { signal, ref: false }).catch(() => {})
  }
}

/** The present state of the session on a socket; undefined when no devk runs there. */
export async function readSession(socket: string, signal: AbortSignal): Promise<SessionState | undefined> {
  try {
    await requireOwn(socket)
    const response = await get(socket, '/v1/state', { lastEventId: '', signal })
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

function get(
  socketPath: string,
  path: string,
  { lastEventId, signal }: { readonly lastEventId: string; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  const headers = lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId }
  return new Promise((resolve, reject) => {
    http.get({ socketPath, path, headers, signal, agent: false }, resolve).on('error', reject)
  })
}
