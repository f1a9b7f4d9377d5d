import type { Stats } from 'node:fs'
import { sep } from 'node:path'
import type { Fingerprint } from './fingerprint.ts'

/** What is remembered about a file. It is small, since there may be 50,000 of them. */
export interface KnownFile {
  ctimeMs: number
  /** NaN for a file that was listed and not looked at. */
  ino: number
  /** NaN until the content is read. */
  print: Fingerprint
  /** The number of the last walk that found it. */
  walk: number
}

/**
 * Whether a file on the disk is the known one. When a folder is replaced, the files in it keep their times of change,
 * which can be the same as those of the files before, so their inodes count too.
 */
export function isKnown(file: KnownFile, { ctimeMs, ino }: Pick<Stats, 'ctimeMs' | 'ino'>): boolean {
  return file.ctimeMs === ctimeMs && (Number.isNaN(file.ino) || file.ino === ino)
}

/** The inode of a folder, and the number of the walk of a file, that was listed earlier and is not found yet. */
export const unseen = -1

/** The files and folders that are watched, by absolute path. It starts empty. */
export function knownTree() {
  const files = new Map<string, KnownFile>()
  const folders = new Map<string, number>()
  return {
    files,
    /** Their inodes. */
    folders,
    /**
     * Forgets a deleted folder and returns what was known in it: its files, and its folders (itself included) with the
     * deepest first.
     */
    forgetFolder(path: string): { files: string[]; folders: string[] } {
      const prefix = path + sep
      const lostFiles = [...files.keys()].filter((file) => file.startsWith(prefix))
      const lostFolders = [...folders.keys()].filter((folder) => folder === path || folder.startsWith(prefix))
      for (const file of lostFiles) files.delete(file)
      for (const folder of lostFolders) folders.delete(folder)
      return { files: lostFiles, folders: lostFolders.sort((a, b) => b.length - a.length) }
    },
  }
}

/** The result of `knownTree`. */
export type KnownTree = ReturnType<typeof knownTree>
