/**
 * Runs `run` so that the newest trigger wins: a new call aborts the one under way, waits for it to end, and runs after it.
 * The promise of a call that was overtaken resolves without having run.
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
