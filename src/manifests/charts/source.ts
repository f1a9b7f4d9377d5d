import { type ChartSource, isRemoteChart } from '../../config/chart-source.ts'
import type { Config } from '../../config/schema.ts'

/** A Helm release as the configuration writes it. */
export type HelmRelease = Config['deploy']['helm'][number]

/** The releases whose charts must be fetched. Pure. */
export function remoteReleases(releases: readonly HelmRelease[]): HelmRelease[] {
  return releases.filter(isRemoteChart)
}

/** A chart in messages: `oci://registry.example.com/redis`, or `redis of https://charts.example.com`. Pure. */
export function sourceText({ chart, repo }: ChartSource): string {
  return repo === undefined ? chart : `${chart} of ${repo}`
}

/** Whether both name the same chart and the same versions of it. Pure. */
export function isSameSource(a: ChartSource, b: ChartSource): boolean {
  return a.chart === b.chart && a.repo === b.repo && a.version === b.version
}
