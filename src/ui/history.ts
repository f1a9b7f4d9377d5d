/** How much a history keeps. */
export interface HistoryLimits {
  readonly items: number
  /** Sum of the sizes that `add` is given. */
  readonly size: number
}

/** An item with its number. Numbers start at 1 and have no gaps. */
export interface Numbered<T> {
  readonly seq: number
  readonly item: T
}

/** A part of a history. */
export interface Part<T> {
  readonly items: readonly Numbered<T>[]
  /** How many items between the place that was asked for and the first of `items` are forgotten. */
  readonly missed: number
}

/** The newest items of a stream, for any number of readers, each with its own place. */
export interface History<T> {
  add(item: T, size?: number): void
  /** Items after the one with this number, at most `most`. */
  after(seq: number, most: number): Part<T>
  /** The number of the newest item; 0 if there is none. */
  last(): number
}

/**
 * A bounded history. It never waits for a reader: a slow one finds out how many items it has missed, so that nobody can
 * fill the memory of devk, and nobody slows another down.
 */
export function history<T>(limits: HistoryLimits): History<T> {
  let kept: { readonly item: T; readonly size: number }[] = []
  /** Items before this place in `kept` are forgotten. They are cut off in one go, which is cheaper. */
  let start = 0
  let first = 1
  let size = 0
  const forgetOldest = () => {
    size -= kept[start]?.size ?? 0
    start += 1
    first += 1
    if (start < kept.length / 2) return
    kept = kept.slice(start)
    start = 0
  }
  const last = () => first + kept.length - start - 1
  return {
    add(item, itemSize = 1) {
      kept.push({ item, size: itemSize })
      size += itemSize
      while (kept.length - start > limits.items || (size > limits.size && kept.length - start > 1)) forgetOldest()
    },
    after(seq, most) {
      // A number from the future belongs to another history.
      const from = seq > last() ? 0 : seq
      const missed = Math.max(0, first - 1 - from)
      const begin = start + Math.max(0, from + 1 - first)
      const items = kept.slice(begin, begin + most)
      return { items: items.map(({ item }, index) => ({ seq: first + begin - start + index, item })), missed }
    },
    last,
  }
}
