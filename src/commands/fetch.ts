import { relative } from 'node:path'
import { sourceName } from '../config/preset-source.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext, CommandFunction } from '../context.ts'
import { DevkError } from '../errors.ts'
import { lockName } from '../manifests/charts/lock.ts'
import { remoteReleases, sourceText } from '../manifests/charts/source.ts'
import { remoteText } from '../manifests/remote/source.ts'
import { loadProject } from '../project/load.ts'
import { allowAddresses } from '../state/allowed.ts'
import { writeJson, writeText } from '../terminal/output.ts'
import { fetchedParts, fetchMissing, missingCharts } from '../up/charts.ts'

/** Flags of `devk fetch`. */
export interface FetchFlags {
  /** Take the newest versions that the configuration allows, in place of those in the lock. */
  readonly update: boolean
  readonly profile?: string
  readonly overlay?: string
}

/**
 * `devk fetch`: fetches what releases and presets need and is not on this machine, and the dependencies of charts. With
 * names it fetches only what these releases and presets need. Throws USAGE for a name that does not exist,
 * CHART_CHANGED and CHART_MISSING.
 */
export const runFetch: CommandFunction<FetchFlags> = async (ctx, names, { update, profile, overlay }) => {
  const { config } = await loadProject(ctx, { profile, overlay })
  const { lines, report } = await fetchFor(ctx, chosen(config, names), update)
  if (ctx.json) {
    await writeJson(ctx.stdout, { project: config.name, ...report })
    return 0
  }
  const text = lines.length === 0 ? ['Nothing to fetch: everything is on this machine.'] : lines
  await writeText(ctx.stderr, `${text.join('\n')}\n`)
  return 0
}

/** Fetches what a part of a configuration needs; the call itself is the user's consent. Returns what was fetched. */
export async function fetchFor(ctx: CliContext, config: LoadedConfig, update: boolean) {
  const missing = await missingCharts(config, ctx.paths)
  const parts = fetchedParts(config)
  const wanted = update ? { ...missing, remote: remoteReleases(parts.helm), sources: parts.sources } : missing
  await allowAddresses(ctx.paths.allowed, config.root, [...missing.addresses, ...missing.forPresets])
  const fetched = await fetchMissing(ctx, config, wanted, update)
  const where = (folder: string) => relative(config.root, folder) || '.'
  const built = [
    ...missing.unbuilt.map((chart) => ({ folder: where(chart.folder), charts: chart.missing })),
    ...missing.kustomizations.map((each) => ({ folder: where(each.folder), charts: each.names })),
  ]
  const charts = fetched.charts.map(({ source, ...rest }) => ({ chart: sourceText(source), ...rest }))
  const sources = fetched.sources.map(({ source, ...rest }) => ({ source: remoteText(source), ...rest }))
  const news = (isNew: boolean) => (isNew ? `, new in ${lockName}` : '')
  const lines = [
    ...charts.map(
      ({ chart, version, isNew, releases }) => `✔ ${releases.join(', ')}  ${chart} ${version}${news(isNew)}`,
    ),
    ...sources.map(({ source, commit, digest, isNew }) => `✔ ${source}  ${commit ?? digest}${news(isNew)}`),
    ...built.map(({ folder, charts: list }) => `✔ ${folder}  ${list.join(', ')}`),
    ...([...charts, ...sources].some(({ isNew }) => isNew) ? [`Commit ${lockName}.`] : []),
  ]
  return { lines, report: { charts, sources, built } }
}

/** The configuration with only these releases and presets; with all if no name is given. */
function chosen(config: LoadedConfig, names: readonly string[]): LoadedConfig {
  if (names.length === 0) return config
  const { deploy, presets } = config
  const nameOf = (entry: (typeof presets)[number]) => (typeof entry === 'string' ? entry : sourceName(entry))
  const known = [...deploy.helm.map(({ name }) => name), ...presets.filter(isSource).map(nameOf)]
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new DevkError('USAGE', `There is no release or preset ${unknown} that is fetched`, {
      hint:
        known.length === 0
          ? 'The configuration has no deploy.helm, and describes no preset itself.'
          : `Releases and presets: ${known.join(', ')}.`,
    })
  }
  return {
    ...config,
    deploy: { ...deploy, helm: deploy.helm.filter(({ name }) => names.includes(name)), kustomize: [] },
    presets: presets.filter((entry) => isSource(entry) && names.includes(nameOf(entry))),
  }
}

function isSource(entry: LoadedConfig['presets'][number]): boolean {
  return typeof entry !== 'string'
}
