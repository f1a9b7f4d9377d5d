/**
 * Imports an ES module by URL. It is a file of its own because Vitest must leave this import to Node; see
 * vitest.config.ts.
 */
export async function importModule(url: string): Promise<unknown> {
  return import(url)
}
