import { relative } from 'node:path'
import type { LoadedConfig } from '../config/schema.ts'
import type { CommandFunction } from '../context.ts'
import { DevkError } from '../errors.ts'
import { lockName } from '../manifests/charts/lock.ts'
import { type HelmRelease, remoteReleases, sourceText } from '../manifests/charts/source.ts'
import { loadProject } from '../project/load.ts'
import { allowAddresses } from '../state/allowed.ts'
import { writeJson, writeText } from '../terminal/output.ts'
import { fetchMissing, missingCharts } from '../up/charts.ts'

/** Flags of `devk fetch`. */
export interface FetchFlags {
  /** Take the newest versions that the configuration allows, in place of those in the lock. */
  readonly update: boolean
  readonly profile?: string
  readonly overlay?: string
}

/**
 * `devk fetch`: fetches the charts that are not on this machine, and the dependencies of charts. With names it fetches
 * only the charts of these releases. Throws USAGE for a release that does not exist, CHART_CHANGED and CHART_MISSING.
 */
export const runFetch: CommandFunction<FetchFlags> = async (ctx, names, { update, profile, overlay }) => {
  const { config } = await loadProject(ctx, { profile, overlay })
  const releases = chosen(config, names)
  const part = {
    ...config,
    deploy: { ...config.deploy, helm: releases, ...(names.length > 0 ? { kustomize: [] } : {}) },
  }
  const missing = await missingCharts(part, ctx.paths)
  const wanted = update ? { ...missing, remote: remoteReleases(releases) } : missing
  await allowAddresses(ctx.paths.allowed, config.root, missing.addresses)
  const fetched = await fetchMissing(ctx, config, wanted, update)
  const where = (folder: string) => relative(config.root, folder) || '.'
  const built = [
    ...missing.unbuilt.map((chart) => ({ folder: where(chart.folder), charts: chart.missing })),
    ...missing.kustomizations.map((each) => ({ folder: where(each.folder), charts: each.names })),
  ]
  const charts = fetched.map(({ source, ...rest }) => ({ chart: sourceText(source), ...rest }))
  if (ctx.json) {
    await writeJson(ctx.stdout, { project: config.name, charts, built })
    return 0
  }
  const lines = [
    ...charts.map(
      ({ chart, version, isNew, releases: users }) =>
        `✔ ${users.join(', ')}  ${chart} ${version}${isNew ? `, new in ${lockName}` : ''}`,
    ),
    ...built.map(({ folder, charts: list }) => `✔ ${folder}  ${list.join(', ')}`),
  ]
  const end = fetched.some(({ isNew }) => isNew) ? [`Commit ${lockName}.`] : []
  const text = lines.length === 0 ? ['Nothing to fetch: all charts are on this machine.'] : [...lines, ...end]
  await writeText(ctx.stderr, `${text.join('\n')}\n`)
  return 0
}

function chosen({ deploy }: LoadedConfig, names: readonly string[]): HelmRelease[] {
  const unknown = names.find((name) => !deploy.helm.some((release) => release.name === name))
  if (unknown !== undefined) {
    const known = deploy.helm.map(({ name }) => name).join(', ')
    throw new DevkError('USAGE', `There is no release ${unknown}`, {
      hint: known === '' ? 'The configuration has no deploy.helm.' : `Releases: ${known}.`,
    })
  }
  return deploy.helm.filter(({ name }) => names.length === 0 || names.includes(name))
}
