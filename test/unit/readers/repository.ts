import type { Repository } from '../../../src/readers/facts.ts'

/** A repository of these files. */
export function repository(files: Readonly<Record<string, string>>): Repository {
  return { files: Object.keys(files), read: (file) => (Object.hasOwn(files, file) ? files[file] : undefined) }
}
