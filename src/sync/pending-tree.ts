import type { SyncFile } from './syncer.ts'

/**
 * What a service's containers must have on top of their image: every file changed since the image was built. A container that starts has
 * none of it, so it is counted per container how far it was served.
 */
export interface PendingTree {
  /** Takes over changes; of one path only the newest is kept. */
  add(files: readonly SyncFile[]): void
  /** The present moment: to be taken before a build reads its context. */
  mark(): number
  /** A build made of what was there at `mark` is deployed: what is older needs not be sent any more. */
  built(mark: number): void
  /** What this container lacks, oldest first, and the moment up to which it then is served. */
  missing(containerId: string): { readonly files: readonly SyncFile[]; readonly upTo: number }
  served(containerId: string, upTo: number): void
  /** Forgets the containers that are not among these. */
  keepOnly(containerIds: ReadonlySet<string>): void
}

export function pendingTree(): PendingTree {
  const entries = new Map<string, { file: SyncFile; at: number }>()
  const servedUpTo = new Map<string, number>()
  let now = 0
  return {
    add(files) {
      for (const file of files) {
        now += 1
        // Set anew so that the map stays in the order of the changes: a file may take the place of a folder deleted before.
        // A file that replaces a folder needs the folder's deletion before it.
        const key = file.kind === 'delete' && file.directory ? `${file.to}/` : file.to
        entries.delete(key)
        entries.set(key, { file, at: now })
      }
    },
    mark: () => now,
    built(mark) {
      for (const [path, entry] of entries) if (entry.at <= mark) entries.delete(path)
    },
    missing(containerId) {
      const from = servedUpTo.get(containerId) ?? 0
      const files = [...entries.values()].filter((entry) => entry.at > from).map((entry) => entry.file)
      return { files, upTo: now }
    },
    served(containerId, upTo) {
      servedUpTo.set(containerId, Math.max(upTo, servedUpTo.get(containerId) ?? 0))
    },
    keepOnly(containerIds) {
      for (const id of servedUpTo.keys()) if (!containerIds.has(id)) servedUpTo.delete(id)
    },
  }
}
