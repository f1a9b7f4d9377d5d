import { type Facts, joined, type Reader, type Repository } from './facts.ts'

/** A file of a tool, and the way to the files that it names. */
export interface ToolFile {
  readonly repository: Repository
  /** Relative to the repository. */
  readonly file: string
  readonly text: string
  /** The facts of another file; none if it does not exist or was read before. */
  readonly follow: (other: string) => Facts
}

/** A reader of the files with this name, and of the files that they name, each once. */
export function readerOf(name: RegExp, factsOf: (file: ToolFile) => Facts): Reader {
  return (repository) => {
    const done = new Set<string>()
    const follow = (file: string): Facts => {
      const text = repository.read(file)
      if (text === undefined || done.has(file)) return joined([])
      done.add(file)
      return factsOf({ repository, file, text, follow })
    }
    return joined(rootFirst(repository.files.filter((file) => name.test(file))).map(follow))
  }
}

/** The files at the root of the repository; without one there, all of them. */
export function rootFirst(files: readonly string[]): readonly string[] {
  const root = files.filter((file) => !file.includes('/'))
  return root.length > 0 ? root : files
}
