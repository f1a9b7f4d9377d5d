import type { ServerResponse } from 'node:http'
import { drained } from '../lib/wait.ts'
import type { History } from './history.ts'

/** Wakes the streams when there is something new. */
export interface Bell {
  ring(): void
  /** Resolves at the next ring, at the latest after `ms`, or with the signal. */
  next(ms: number, signal: AbortSignal): Promise<void>
}

/** A bell. */
export function bell(): Bell {
  let rung = Promise.withResolvers<void>()
  return {
    ring() {
      rung.resolve()
      rung = Promise.withResolvers()
    },
    next(ms, signal) {
      const { promise } = rung
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, ms)
        signal.addEventListener('abort', done)
        if (signal.aborted) done()
        void promise.then(done)
      })
    },
  }
}

/** Gives the next event of a stream as text; undefined when there is nothing new. */
export type EventReader = () => string | undefined

/** One server-sent event. Line breaks cannot end it early: JSON has none. */
export function sseEvent(name: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Names the places of one run of the server, so that a page that outlives it does not resume in the next one. */
export interface Places {
  readonly idOf: (seq: number) => string
  /** The place after a `Last-Event-ID`; 0 for none, and for one of another run. */
  readonly placeOf: (id: string | undefined) => number
}

/** Places of the run with this name. */
export function placesOf(run: string): Places {
  return {
    idOf: (seq) => `${run}-${seq}`,
    placeOf(id) {
      const match = /^([0-9a-f]+)-(\d{1,15})$/.exec(id ?? '')
      return match?.[1] === run ? Number(match[2]) : 0
    },
  }
}

/** How a history becomes events. */
export interface HistoryEvents<T> {
  readonly name: string
  readonly places: Places
  /** The `Last-Event-ID` of the request. */
  readonly lastEventId: string | undefined
  /** The most items in one event. */
  readonly most: number
  readonly data: (items: readonly T[], missed: number) => unknown
}

/** Reads a history from a place, several items in one event. */
export function historyReader<T>(of: History<T>, options: HistoryEvents<T>): EventReader {
  let place = options.places.placeOf(options.lastEventId)
  return () => {
    const { items, missed } = of.after(place, options.most)
    const newest = items.at(-1)
    if (newest === undefined) return undefined
    place = newest.seq
    const data = options.data(
      items.map(({ item }) => item),
      missed,
    )
    return sseEvent(options.name, data, options.places.idOf(place))
  }
}

/** Reads a value that replaces the one before, such as the state: a slow reader gets the newest one only. */
export function latestReader<T>(name: string, read: () => T): EventReader {
  let sent: T | undefined
  return () => {
    const value = read()
    if (value === sent) return undefined
    sent = value
    return sseEvent(name, value)
  }
}

/** Between two comments that keep a quiet connection open, milliseconds. */
const keepAliveMs = 15_000

/**
 * Writes what the readers have, again after each ring of the bell, until the response or the signal ends. It reads only
 * as fast as the client takes it.
 */
export async function streamEvents(
  response: ServerResponse,
  { readers, rings, signal }: { readonly readers: readonly EventReader[]; rings: Bell; signal: AbortSignal },
): Promise<void> {
  const closed = new AbortController()
  response.on('close', () => closed.abort())
  const ends = AbortSignal.any([signal, closed.signal])
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' })
  response.write('retry: 1000\n\n')
  while (!ends.aborted) {
    let wrote = false
    for (const read of readers) {
      for (let text = read(); text !== undefined && !ends.aborted; text = read()) {
        wrote = true
        if (!response.write(text)) await drained(response)
      }
    }
    if (ends.aborted) break
    const began = Date.now()
    if (!wrote) await rings.next(keepAliveMs, ends)
    if (Date.now() - began >= keepAliveMs - 100) response.write(': still here\n\n')
  }
  response.end()
}
