import pMap, { pMapSkip } from 'p-map'

/**
 * Runs `run` for each item, at most `limit` at a time; results in the items' order. After a failure no further item is
 * started, and the failure is thrown when all that run have ended: p-map alone would reject while they still change
 * something.
 */
export async function inParallel<T, R>(items: readonly T[], limit: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const failures: unknown[] = []
  const guarded = async (item: T) => {
    if (failures.length > 0) return pMapSkip
    try {
      return await run(item)
    } catch (error) {
      failures.push(error)
      return pMapSkip
    }
  }
  const results = await pMap(items, guarded, { concurrency: limit })
  if (failures.length > 0) throw failures[0]
  return results
}

/** The items for which `test` resolves with true, in their order. Tests all items at once. */
export async function filterAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const answers = await Promise.all(items.map(test))
  return items.filter((_, i) => answers[i])
}
