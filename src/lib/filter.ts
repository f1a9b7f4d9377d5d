/** Those of the items, in their order, for which `test` says so; all are asked at once. */
export async function filterAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const answers = await Promise.all(items.map(test))
  return items.filter((_, i) => answers[i])
}
