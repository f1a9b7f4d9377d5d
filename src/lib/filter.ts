/** The items for which `test` resolves with true, in their order. Tests all items at once. */
export async function filterAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const answers = await Promise.all(items.map(test))
  return items.filter((_, i) => answers[i])
}
