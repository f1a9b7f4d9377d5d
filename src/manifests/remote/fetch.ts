import { DevkError } from '../../errors.ts'
import { isFolder } from '../../lib/paths.ts'
import { type ChartLock, type LockedSource, lockName, readLock, writeLock } from '../charts/lock.ts'
import type { PullDeps } from '../charts/pull.ts'
import { storedArchive } from '../charts/store.ts'
import { download, fileExtension } from './download.ts'
import { fetchCommit, treePath } from './git.ts'
import { isSameRemote, type RemoteSource, remoteText } from './source.ts'

/** What fetching a source did. */
export interface FetchedSource extends LockedSource {
  /** Whether the lock names it for the first time, or with another content than before. */
  readonly isNew: boolean
}

/** The entry for a source. Pure. */
export function lockedSourceOf({ sources }: ChartLock, source: RemoteSource): LockedSource | undefined {
  return sources.find((entry) => isSameRemote(entry.source, source))
}

/** Where the content that the lock names lies: a file, or the folder of a commit; undefined if it was not fetched. */
export async function contentOf(lock: ChartLock, source: RemoteSource, charts: string): Promise<string | undefined> {
  const locked = lockedSourceOf(lock, source)
  if (locked === undefined) return undefined
  if (source.from === 'url') return storedArchive(charts, locked.digest, fileExtension)
  const tree = treePath(charts, locked.digest)
  return (await isFolder(tree)) ? tree : undefined
}

/** Those of the sources that must be fetched. Throws MANIFEST_INVALID for a lock that cannot be read. */
export async function unfetchedSources(
  sources: readonly RemoteSource[],
  root: string,
  charts: string,
): Promise<RemoteSource[]> {
  if (sources.length === 0) return []
  const lock = await readLock(root)
  const there = await Promise.all(sources.map((source) => contentOf(lock, source, charts)))
  return sources.filter((_, i) => there[i] === undefined)
}

/** Where to fetch to, and whether to renew what the lock names. */
interface FetchOptions extends PullDeps {
  /** Folder of the configuration, with the lock. */
  readonly root: string
  readonly update: boolean
}

/**
 * Fetches these sources, and notes the digest of each in the lock. What the lock names is fetched as it was. Throws
 * CHART_CHANGED if its content is another one, TOOL_MISSING and CHART_MISSING. The lock is written when everything is
 * fetched.
 */
export async function fetchSources(
  wanted: readonly RemoteSource[],
  { root, update, ...deps }: FetchOptions,
): Promise<FetchedSource[]> {
  if (wanted.length === 0) return []
  const lock = await readLock(root)
  const sources = wanted.filter((source, i) => wanted.findIndex((other) => isSameRemote(other, source)) === i)
  const fetched: FetchedSource[] = []
  for (const source of sources) {
    const locked = lockedSourceOf(lock, source)
    const accept = (found: LockedSource) => {
      if (locked !== undefined && !update && found.digest !== locked.digest) throw changed(lock, locked, found)
    }
    const found =
      source.from === 'git'
        ? await fetchCommit(source, update ? undefined : locked?.commit, accept, deps)
        : await download(source, accept, deps)
    fetched.push({ ...found, isNew: locked?.digest !== found.digest || locked.commit !== found.commit })
  }
  if (fetched.some(({ isNew }) => isNew)) await writeLock(root, lock, { sources: fetched })
  return fetched
}

function changed(lock: ChartLock, locked: LockedSource, found: LockedSource): DevkError {
  const at = ({ commit, digest }: LockedSource) => (commit === undefined ? digest : `${digest} (commit ${commit})`)
  return new DevkError('CHART_CHANGED', `${remoteText(locked.source)} is not what was locked`, {
    details: [`${lockName}:${lock.lineOf(locked)}: ${at(locked)}`, `fetched now: ${at(found)}`, 'Nothing was changed.'],
    hint: 'Ask the publisher why. If you trust the new content: devk preset update NAME',
  })
}
