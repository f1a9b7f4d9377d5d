import { setTimeout as sleep } from 'node:timers/promises'

/** A bounded buffer between many writers and one reader. */
export interface Batches<T> {
  /**
   * Adds an item of this size. Returns a promise when the queue is full, which resolves when there is room again, or
   * when the reader has not read for too long. Returns false instead, and drops the item, until the reader reads again.
   */
  put(item: T, size: number): Promise<void> | false | undefined
  /** Adds an item in spite of a full queue. Only for what stands for dropped items. */
  force(item: T): void
  /**
   * The items since the last batch. It waits a moment first, so that items from several writers can be sorted. Ends
   * with the signal.
   */
  read(): AsyncGenerator<T[]>
  /** The reader is still at work on its batch. Writers go on waiting for it. */
  reading(): void
  /** No more items will follow. The reader ends after the last batch. */
  end(): void
}

/** Limits of a queue. Times are in milliseconds. */
export interface BatchLimits {
  /** About the largest total size of the items. */
  readonly size: number
  /** How long a batch is collected. */
  readonly gatherMs: number
  /** How long writers wait for the reader. Who waits for ever misses what the source forgets meanwhile. */
  readonly patienceMs: number
}

/** A queue within these limits. */
export function batches<T>(limits: BatchLimits, signal: AbortSignal): Batches<T> {
  let items: T[] = []
  let size = 0
  let ended = false
  let dropping = false
  let isRead = false
  let patience: NodeJS.Timeout | undefined
  let room = Promise.withResolvers<void>()
  let some = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => {
    some.resolve()
    clearTimeout(patience)
    room.resolve()
  })
  const waitForReader = () => {
    isRead = false
    patience = setTimeout(() => {
      if (isRead) return waitForReader()
      dropping = true
      room.resolve()
    }, limits.patienceMs).unref()
  }
  return {
    put(item, itemSize) {
      if (ended || signal.aborted) return undefined
      if (dropping) return false
      items.push(item)
      size += itemSize
      some.resolve()
      if (size < limits.size) return undefined
      if (patience === undefined) waitForReader()
      return room.promise
    },
    force(item) {
      items.push(item)
      some.resolve()
    },
    async *read() {
      while (!signal.aborted) {
        if (items.length === 0) {
          if (ended) return
          await some.promise
          if (signal.aborted) return
        }
        if (!ended && size < limits.size) await sleep(limits.gatherMs, undefined, { signal }).catch(() => {})
        const batch = items
        items = []
        size = 0
        dropping = false
        clearTimeout(patience)
        patience = undefined
        some = Promise.withResolvers()
        if (ended) some.resolve()
        room.resolve()
        room = Promise.withResolvers()
        if (batch.length > 0) yield batch
      }
    },
    reading() {
      isRead = true
    },
    end() {
      ended = true
      some.resolve()
    },
  }
}
