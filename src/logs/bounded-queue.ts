import { setTimeout as sleep } from 'node:timers/promises'

/** A bounded buffer between many writers and one reader. */
export interface Batches<T> {
  /** Adds an item of this size. Returns a promise when the queue is full, which resolves when there is room again. */
  put(item: T, size: number): Promise<void> | void
  /**
   * The items since the last batch. It waits a moment first, so that items from several writers can be sorted. Ends
   * with the signal.
   */
  read(): AsyncGenerator<T[]>
  /** No more items will follow. The reader ends after the last batch. */
  end(): void
}

/** A queue for items of about `limit` in total size. Each batch collects items for `gatherMs` (ms). */
export function batches<T>(limit: number, gatherMs: number, signal: AbortSignal): Batches<T> {
  let items: T[] = []
  let size = 0
  let ended = false
  let room = Promise.withResolvers<void>()
  let some = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => {
    some.resolve()
    room.resolve()
  })
  return {
    put(item, itemSize) {
      if (ended || signal.aborted) return
      items.push(item)
      size += itemSize
      some.resolve()
      if (size >= limit) return room.promise
    },
    async *read() {
      while (!signal.aborted) {
        if (items.length === 0) {
          if (ended) return
          await some.promise
          if (signal.aborted) return
        }
        if (!ended && size < limit) await sleep(gatherMs, undefined, { signal }).catch(() => {})
        const batch = items
        items = []
        size = 0
        some = Promise.withResolvers()
        if (ended) some.resolve()
        room.resolve()
        room = Promise.withResolvers()
        if (batch.length > 0) yield batch
      }
    },
    end() {
      ended = true
      some.resolve()
    },
  }
}
