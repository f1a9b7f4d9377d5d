import type { SyncFile } from './syncer.ts'

/**
 * The files of a service that have changed since its image was built. A new container has none of these changes, so the
 * tree remembers for each container which changes it has received.
 */
export interface PendingTree {
  /** Adds changes. Only the last change of each path is kept. */
  add(files: readonly SyncFile[]): void
  /** Whether this very change is the last one of its path, and no image has it. */
  has(file: SyncFile): boolean
  /** Number of the last change. Take it before a build reads its context, and pass it to `built`. */
  mark(): number
  /** A build that contains all changes up to `mark` is deployed. They need not be sent any more. */
  built(mark: number): void
  /** The changes that a container has not received, oldest first, and the number of the last of them. */
  missing(containerId: string): { readonly files: readonly SyncFile[]; readonly upTo: number }
  /** A container has received all changes up to this number. */
  served(containerId: string, upTo: number): void
  /** Forgets all containers except these. */
  keepOnly(containerIds: ReadonlySet<string>): void
}

/** Creates an empty tree. */
export function pendingTree(): PendingTree {
  const entries = new Map<string, { file: SyncFile; at: number }>()
  const servedUpTo = new Map<string, number>()
  let now = 0
  return {
    add(files) {
      for (const file of files) {
        now += 1
        // Deleting the entry first keeps the map in the order of changes.
        const key = keyOf(file)
        entries.delete(key)
        entries.set(key, { file, at: now })
      }
    },
    has: (file) => entries.get(keyOf(file))?.file === file,
    mark: () => now,
    built(mark) {
      for (const [path, { file, at }] of entries) if (at <= mark && !file.unbuilt) entries.delete(path)
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

/** A deleted folder has a key of its own: a file that replaces the folder needs the deletion before it. */
function keyOf(file: SyncFile): string {
  return file.kind === 'delete' && file.directory ? `${file.to}/` : file.to
}
