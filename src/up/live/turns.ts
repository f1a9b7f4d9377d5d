/** Gives turns, one at a time, in the order in which they were asked for. */
export interface Turns {
  /**
   * Resolves when the caller has the turn. The returned function ends it; calling it again does nothing. `onWanted` is
   * called as soon as somebody else waits during the turn: who works for long can give way. Rejects with the signal's
   * reason when the signal was aborted before the turn came.
   */
  take(signal: AbortSignal, onWanted?: () => void): Promise<() => void>
}

/** Creates a queue of turns. */
export function turns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let giveWay: (() => void) | undefined
  return {
    async take(signal, onWanted) {
      const before = last
      const { promise: ended, resolve: end } = Promise.withResolvers<void>()
      last = before.then(() => ended)
      waiting += 1
      giveWay?.()
      await before
      waiting -= 1
      if (signal.aborted) {
        end()
        throw signal.reason
      }
      giveWay = onWanted
      if (waiting > 0) onWanted?.()
      return () => {
        if (giveWay === onWanted) giveWay = undefined
        end()
      }
    },
  }
}
