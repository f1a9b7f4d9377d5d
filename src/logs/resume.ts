/** Passes each line of a log once, over any number of overlapping streams. */
export interface Resume {
  /** Where the next stream must start (RFC 3339); undefined before the first line. */
  sinceTime(): string | undefined
  /** Returns a filter for one new stream: true for a line that was not passed before. */
  open(): (key: string) => boolean
}

/**
 * Remembers which lines were passed. The log API starts at whole seconds, and the time stamps of stdout and stderr may
 * be slightly out of order. So a stream resumes one second before the newest line, and drops the lines that were passed
 * before: it counts the lines of each time stamp. With `fromFirst`, lines older than the very first one are dropped
 * too: with `tail`, they were not asked for.
 */
export function resumePoint({ fromFirst }: { fromFirst: boolean } = { fromFirst: false }): Resume {
  let counts = new Map<string, number>()
  let floor = -1
  let first: string | undefined
  let pruned = 0

  const note = (key: string) => {
    first ??= key
    counts.set(key, (counts.get(key) ?? 0) + 1)
    const start = secondOf(key) - 1
    if (start <= floor) return
    floor = start
    // Dropping old entries costs a pass over all of them, so it is done once per second of log time.
    if (floor - pruned < 1) return
    pruned = floor
    counts = new Map([...counts].filter(([known]) => secondOf(known) >= floor))
  }

  return {
    sinceTime: () => (floor < 0 ? undefined : new Date(floor * 1000).toISOString()),
    open() {
      const again = new Map(counts)
      const from = floor
      const after = fromFirst ? first : undefined
      return (key) => {
        if (secondOf(key) < from || (after !== undefined && key <= after)) return false
        const left = again.get(key) ?? 0
        if (left > 0) {
          again.set(key, left - 1)
          return false
        }
        note(key)
        return true
      }
    },
  }
}

function secondOf(key: string): number {
  return Number(key.slice(0, key.indexOf('.')))
}
