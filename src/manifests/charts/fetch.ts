import { DevkError } from '../../errors.ts'
import { type ChartLock, type LockedChart, lockedOf, lockName, readLock, writeLock } from './lock.ts'
import { type PullDeps, pullChart } from './pull.ts'
import { type HelmRelease, isSameSource, remoteReleases, sourceText } from './source.ts'
import { storedArchive } from './store.ts'

/** What fetching a chart did. */
export interface FetchedChart extends LockedChart {
  /** The releases that use it. */
  readonly releases: readonly string[]
  /** Whether the lock names it for the first time, or another version or digest of it than before. */
  readonly isNew: boolean
}

/** Where and how to fetch. */
export interface FetchOptions extends PullDeps {
  /** Folder of the configuration, with the lock. */
  readonly root: string
  /** Fetch the newest versions that the configuration allows, in place of those in the lock. */
  readonly update: boolean
}

/** The releases whose charts are not in the lock, or not in the folder of fetched charts. Throws MANIFEST_INVALID. */
export async function unfetched(
  releases: readonly HelmRelease[],
  root: string,
  charts: string,
): Promise<HelmRelease[]> {
  const remote = remoteReleases(releases)
  if (remote.length === 0) return []
  const lock = await readLock(root)
  const there = await Promise.all(remote.map((release) => archiveOf(lock, release, charts)))
  return remote.filter((_, i) => there[i] === undefined)
}

/** The path of the archive that the lock names for a release; undefined if it must be fetched first. */
export async function archiveOf(lock: ChartLock, release: HelmRelease, charts: string): Promise<string | undefined> {
  const locked = lockedOf(lock, release)
  return locked === undefined ? undefined : storedArchive(charts, locked.digest)
}

/**
 * Fetches the charts of these releases, and notes version and digest in the lock. A chart that the lock names is
 * fetched in exactly this version. Throws CHART_CHANGED if its content is another one, and what `pullChart` throws. The
 * lock is written when everything is fetched.
 */
export async function fetchCharts(releases: readonly HelmRelease[], options: FetchOptions): Promise<FetchedChart[]> {
  const lock = await readLock(options.root)
  const sources = remoteReleases(releases).filter(
    (release, i, all) => all.findIndex((other) => isSameSource(other, release)) === i,
  )
  const fetched: FetchedChart[] = []
  for (const { chart, repo, version } of sources) {
    const source = { chart, repo, version }
    const locked = lockedOf(lock, source)
    const names = releases.filter((release) => isSameSource(release, source)).map(({ name }) => name)
    const pinned = options.update ? undefined : locked
    const accept = (found: LockedChart) => {
      if (pinned !== undefined && found.digest !== pinned.digest) throw changed(lock, pinned, found, names)
    }
    const found = await pullChart(source, pinned?.version, accept, options)
    const isNew = locked?.digest !== found.digest || locked.version !== found.version
    fetched.push({ ...found, releases: names, isNew })
  }
  if (fetched.some(({ isNew }) => isNew)) await writeLock(options.root, lock, { charts: fetched })
  return fetched
}

function changed(lock: ChartLock, locked: LockedChart, found: LockedChart, names: readonly string[]): DevkError {
  const what = `${sourceText(locked.source)} ${locked.version}`
  return new DevkError('CHART_CHANGED', `The chart ${what} is not the one that was locked`, {
    details: [
      `${lockName}:${lock.lineOf(locked)}: ${locked.digest}`,
      `fetched now: ${found.digest}${found.version === locked.version ? '' : ` (version ${found.version})`}`,
      'Nothing was changed.',
    ],
    hint: `Ask the publisher why. If you trust the new content: devk fetch --update ${names.join(' ')}`,
  })
}
