import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Repository } from './facts.ts'

/** More than any file of these tools has. */
const largest = 1_000_000

/** A repository on this disk, given its files. A file is read when a reader asks for it; what fails is not there. */
export function openRepository(root: string, files: readonly string[]): Repository {
  const known = new Set(files)
  return {
    files,
    read(file) {
      if (!known.has(file)) return undefined
      try {
        const path = join(root, file)
        return statSync(path).size > largest ? undefined : readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
      } catch {
        return undefined
      }
    },
  }
}
