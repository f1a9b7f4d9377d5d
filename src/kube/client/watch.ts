import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { splitLines } from '../../lib/streams/lines.ts'
import type { KubeObject, WatchEvent } from '../api.ts'

/** The requests of a watch. */
export interface WatchSource {
  /** The path of the collection; undefined while the server does not serve the kind. */
  path(signal: AbortSignal): Promise<string | undefined>
  list(path: string): Promise<{ items: KubeObject[]; resourceVersion: string }>
  open(path: string, parameters: Record<string, string>, signal: AbortSignal): Promise<Readable>
}

/** Times of a watch. */
export interface WatchTiming {
  /**
   * The server sends a bookmark about once a minute. A watch without any event for this long is dead, even if TCP
   * reports no error.
   */
  readonly silenceMs: number
  /** The server ends a watch after this time. It is resumed then. */
  readonly serverSeconds: number
  readonly firstPauseMs: number
  readonly longestPauseMs: number
}

const defaults: WatchTiming = { silenceMs: 90_000, serverSeconds: 240, firstPauseMs: 100, longestPauseMs: 10_000 }
const longestLine = 64 * 1024 * 1024

interface RawEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject
}

/**
 * Lists and watches until the signal aborts. When the server ends the watch regularly, resumes it from the last
 * version. After any other end, lists again after a growing, random pause and reports SYNCED. Never rejects.
 */
export async function watchKind(
  source: WatchSource,
  signal: AbortSignal,
  onEvent: (event: WatchEvent) => void,
  timing: WatchTiming = defaults,
): Promise<void> {
  let pause = timing.firstPauseMs
  let unknown = false
  while (!signal.aborted) {
    const started = performance.now()
    try {
      const path = await source.path(signal)
      if (path === undefined) {
        // A kind without a definition has no objects. Report that once.
        if (!unknown) onEvent({ type: 'SYNCED', objects: [] })
        unknown = true
      } else {
        unknown = false
        const page = await source.list(path)
        if (signal.aborted) return
        onEvent({ type: 'SYNCED', objects: page.items })
        let version: string | undefined = page.resourceVersion
        while (version !== undefined && !signal.aborted) {
          const opened = performance.now()
          version = await follow({ source, path, from: version, signal, onEvent, timing })
          // A proxy may end every watch at once. Do not reconnect in a busy loop.
          if (performance.now() - opened < 1000) await sleep(timing.firstPauseMs, undefined, { signal })
        }
      }
    } catch {
      // The next list corrects the state. A caller that needs the error calls `list`.
    }
    if (performance.now() - started > timing.longestPauseMs) pause = timing.firstPauseMs
    await sleep(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => {})
    pause = Math.min(pause * 2, timing.longestPauseMs)
  }
}

interface Following {
  readonly source: WatchSource
  readonly path: string
  /** Resource version to start after. */
  readonly from: string
  readonly signal: AbortSignal
  readonly onEvent: (event: WatchEvent) => void
  readonly timing: WatchTiming
}

/** One watch request. Returns the version to resume from, or undefined when a new list is needed. */
async function follow({ source, path, from, signal, onEvent, timing }: Following): Promise<string | undefined> {
  const mine = new AbortController()
  const both = AbortSignal.any([signal, mine.signal])
  let watchdog = setTimeout(() => mine.abort(), timing.silenceMs)
  const alive = () => {
    clearTimeout(watchdog)
    watchdog = setTimeout(() => mine.abort(), timing.silenceMs)
  }
  let version = from
  try {
    const parameters = { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(timing.serverSeconds) }
    const stream = await source.open(path, { ...parameters, resourceVersion: from }, both)
    for await (const { bytes } of splitLines(stream, longestLine)) {
      alive()
      const event = JSON.parse(bytes.toString('utf8')) as RawEvent
      if (event.type === 'ERROR') return undefined
      version = event.object.metadata.resourceVersion ?? version
      if (signal.aborted) return undefined
      if (event.type !== 'BOOKMARK') onEvent({ type: event.type, object: event.object })
    }
    return both.aborted ? undefined : version
  } finally {
    clearTimeout(watchdog)
    mine.abort()
  }
}
