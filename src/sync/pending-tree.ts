import type { SyncFile, Version } from './syncer.ts'

/** A file that was written and has the content that it had when the watch looked at it before. */
export interface SavedFile {
  readonly file: SyncFile
  readonly before: Version
  readonly after: Version
}

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
  /**
   * These versions were sent. One that the watch has passed over may have another content than the file: it is a change
   * again.
   */
  sent(versions: ReadonlyMap<string, Version>): void
  /** Saves without a change. A file of which a version between was sent is a change again; with `all`, each is. */
  saved(files: readonly SavedFile[], all: boolean): void
  /** Forgets all containers except these. */
  keepOnly(containerIds: ReadonlySet<string>): void
}

interface Entry {
  readonly file: SyncFile
  readonly at: number
  /** The versions that containers got. */
  sent?: readonly Version[]
  /** The versions that the watch looked at, when there are more than one. All have the same content. */
  looks?: readonly Version[]
}

/** Creates an empty tree. */
export function pendingTree(): PendingTree {
  const entries = new Map<string, Entry>()
  const servedUpTo = new Map<string, number>()
  let now = 0
  const add: PendingTree['add'] = (files) => {
    for (const file of files) {
      now += 1
      // Deleting the entry first keeps the map in the order of changes.
      const key = keyOf(file)
      entries.delete(key)
      entries.set(key, { file, at: now })
    }
  }
  /** What was sent and passed over is sent again. What is newer than the last look is what the next look will see. */
  const check = ({ file, sent, looks }: Entry) => {
    const last = looks?.at(-1)
    if (last === undefined || !sent?.some((version) => !(looks?.includes(version) || version > last))) return
    // A copy: whoever sends the old change now does not make this one known.
    add([{ ...file }])
  }
  return {
    add,
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
    sent(versions) {
      for (const [to, version] of versions) {
        const entry = entries.get(to)
        if (entry === undefined || entry.sent?.includes(version)) continue
        entry.sent = [...(entry.sent ?? []), version]
        check(entry)
      }
    },
    saved(files, all) {
      for (const { file, before, after } of files) {
        const entry = entries.get(keyOf(file))
        if (all) add([file])
        else if (entry !== undefined) {
          entry.looks = [...(entry.looks ?? [before]), after]
          check(entry)
        }
      }
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
