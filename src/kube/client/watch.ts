import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { splitLines } from '../../lib/lines.ts'
import type { KubeObject, WatchEvent } from '../api.ts'

/** The requests a watch is made of. */
export interface WatchSource {
  /** undefined while the server does not know the kind. */
  path(signal: AbortSignal): Promise<string | undefined>
  list(path: string): Promise<{ items: KubeObject[]; resourceVersion: string }>
  open(path: string, parameters: Record<string, string>, signal: AbortSignal): Promise<Readable>
}

export interface WatchTiming {
  /** The server sends a bookmark about once a minute; a watch that is silent for longer is dead, whatever TCP says. */
  readonly silenceMs: number
  /** After this time the server ends a watch by itself, and it is resumed. */
  readonly serverSeconds: number
  readonly firstPauseMs: number
  readonly longestPauseMs: number
}

const usual: WatchTiming = { silenceMs: 90_000, serverSeconds: 240, firstPauseMs: 100, longestPauseMs: 10_000 }
const longestLine = 64 * 1024 * 1024

interface RawEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject
}

/**
 * Lists and follows until the signal. A watch that the server ends in order is resumed where it was; after anything else the
 * state is listed again, with a growing and random pause, and reported as SYNCED. Never rejects.
 */
export async function watchKind(
  source: WatchSource,
  signal: AbortSignal,
  onEvent: (event: WatchEvent) => void,
  timing: WatchTiming = usual,
): Promise<void> {
  let pause = timing.firstPauseMs
  let unknown = false
  while (!signal.aborted) {
    const started = performance.now()
    try {
      const path = await source.path(signal)
      if (path === undefined) {
        // Reported once: a kind that nobody has defined yet has no objects.
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
          version = await follow(source, path, version, signal, onEvent, timing)
          // A proxy that ends every watch at once must not turn this into a busy loop.
          if (performance.now() - opened < 1000) await sleep(timing.firstPauseMs, undefined, { signal })
        }
      }
    } catch {
      // Whatever went wrong, the next list tells the truth; a caller that must know uses `list` itself.
    }
    if (performance.now() - started > timing.longestPauseMs) pause = timing.firstPauseMs
    await sleep(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => {})
    pause = Math.min(pause * 2, timing.longestPauseMs)
  }
}

/** One watch. Gives the version to resume from when the server ended it in order, undefined when a new list is needed. */
async function follow(
  source: WatchSource,
  path: string,
  from: string,
  signal: AbortSignal,
  onEvent: (event: WatchEvent) => void,
  timing: WatchTiming,
): Promise<string | undefined> {
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
