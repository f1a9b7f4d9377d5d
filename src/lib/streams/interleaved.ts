/**
 * Yields the values of several sources as they come, each source's in its own order. A source waits until
 * its last value was taken. Ends when all sources have ended; fails when one fails. The sources get a signal
 * that is aborted when the consumer stops.
 */
export async function* interleaved<T>(
  start: (signal: AbortSignal) => readonly AsyncIterable<T>[],
  outer: AbortSignal,
): AsyncGenerator<T> {
  const stop = new AbortController()
  const signal = AbortSignal.any([outer, stop.signal])
  const offered: { readonly value: T; readonly taken: () => void }[] = []
  let some = Promise.withResolvers<void>()
  const pump = async (source: AsyncIterable<T>) => {
    for await (const value of source) {
      if (stop.signal.aborted) break
      await new Promise<void>((taken) => {
        offered.push({ value, taken })
        some.resolve()
      })
    }
  }
  let ended = false
  const pumps = start(signal).map(pump)
  const done = Promise.all(pumps).finally(() => {
    ended = true
    some.resolve()
  })
  // Thrown below, when what came before it has been taken.
  done.catch(() => {})
  try {
    for (;;) {
      const next = offered.shift()
      if (next !== undefined) {
        next.taken()
        yield next.value
      } else if (ended) break
      else {
        await some.promise
        if (!ended) some = Promise.withResolvers()
      }
    }
    await done
  } finally {
    stop.abort()
    for (const { taken } of offered) taken()
    await Promise.allSettled(pumps)
  }
}
