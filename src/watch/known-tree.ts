import { sep } from 'node:path'
import type { Fingerprint } from './fingerprint.ts'

/** What is remembered of a file: kept small, as there may be 50,000. */
export interface KnownFile {
  ctimeMs: number
  /** NaN until the content was read. */
  print: Fingerprint
  /** The walk that saw it last. */
  walk: number
}

/** The files and folders that are watched, by absolute path. */
export function knownTree() {
  const files = new Map<string, KnownFile>()
  const folders = new Set<string>()
  return {
    files,
    folders,
    /** Everything known below a folder that is gone, files first, then folders with the deepest first; and forgets it. */
    forgetFolder(path: string): { files: string[]; folders: string[] } {
      const prefix = path + sep
      const lostFiles = [...files.keys()].filter((file) => file.startsWith(prefix))
      const lostFolders = [...folders].filter((folder) => folder === path || folder.startsWith(prefix))
      for (const file of lostFiles) files.delete(file)
      for (const folder of lostFolders) folders.delete(folder)
      return { files: lostFiles, folders: lostFolders.sort((a, b) => b.length - a.length) }
    },
  }
}

export type KnownTree = ReturnType<typeof knownTree>
