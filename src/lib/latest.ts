/**
 * Returns a function that runs `run` so that the newest call wins: a new call aborts the current run, waits for its
 * end, and then runs. The promise of a call that was superseded before it ran resolves without running.
 */
export function latestOnly(run: (signal: AbortSignal) => Promise<void>): () => Promise<void> {
  let newest = new AbortController()
  let last: Promise<void> = Promise.resolve()
  return () => {
    newest.abort()
    const mine = new AbortController()
    newest = mine
    // A failed run must not stop the next one, so only its own caller sees the failure.
    last = last.catch(() => {}).then(() => (mine.signal.aborted ? undefined : run(mine.signal)))
    return last
  }
}
