/** Lets each line of a log through once, over any number of streams that overlap. */
export interface Resume {
  /** From where the next stream must start; undefined before the first line. */
  sinceTime(): string | undefined
  /** A filter for one new stream: true for a line that was not let through before. */
  open(): (key: string) => boolean
}

/**
 * The log API starts at whole seconds, and the stamps of a container's two outputs may be out of order by a little. So a
 * stream is resumed one second before the newest line's, and of what comes again exactly those lines are dropped that were let
 * through before: by their stamps, and how many lines had each of them.
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
    // Once in a while is enough: dropping what is older costs a pass over all of them.
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
