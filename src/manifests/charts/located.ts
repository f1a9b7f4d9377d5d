import { DevkError } from '../../errors.ts'
import { archiveOf } from './fetch.ts'
import { lockName, readLock } from './lock.ts'
import { type HelmRelease, remoteReleases, sourceText } from './source.ts'

/** A release, and the path of its chart on this machine. */
export interface LocatedRelease extends HelmRelease {
  readonly path: string
}

/**
 * The releases with the paths of their charts. Fetches nothing: throws CHART_MISSING for a chart that was not fetched,
 * and MANIFEST_INVALID for a lock that cannot be read.
 */
export async function locatedReleases(
  releases: readonly HelmRelease[],
  root: string,
  charts: string,
): Promise<LocatedRelease[]> {
  const remote = new Set(remoteReleases(releases))
  if (remote.size === 0) return releases.map((release) => ({ ...release, path: release.chart }))
  const lock = await readLock(root)
  const missing: string[] = []
  const located = await Promise.all(
    releases.map(async (release) => {
      if (!remote.has(release)) return { ...release, path: release.chart }
      const path = await archiveOf(lock, release, charts)
      if (path === undefined) missing.push(`${release.name}: ${sourceText(release)} ${release.version ?? ''}`.trim())
      return { ...release, path: path ?? '' }
    }),
  )
  if (missing.length === 0) return located
  throw new DevkError('CHART_MISSING', 'Charts were not fetched yet', {
    details: missing.sort(),
    hint: `Fetch them: devk fetch. It notes version and digest in ${lockName}. devk up fetches them too.`,
  })
}
