import { join, relative } from 'node:path'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import { adoptTools } from '../host/tools.ts'
import { buildDependencies, type UnbuiltChart, unbuiltCharts } from '../manifests/charts/dependencies.ts'
import { type FetchedChart, fetchCharts, unfetched } from '../manifests/charts/fetch.ts'
import { inflatedCharts } from '../manifests/charts/kustomized.ts'
import { lockName } from '../manifests/charts/lock.ts'
import { type HelmRelease, sourceText } from '../manifests/charts/source.ts'
import { fetchInflated, refuseToFetch } from '../manifests/kustomize/kustomize.ts'
import { reachOf } from '../manifests/kustomize/reach.ts'
import { type FetchedSource, fetchSources, unfetchedSources } from '../manifests/remote/fetch.ts'
import { type RemoteSource, remoteSourcesOf, remoteText } from '../manifests/remote/source.ts'
import { releaseOf } from '../presets/sourced/spec.ts'
import { allowAddresses, unallowed } from '../state/allowed.ts'
import { confirm } from '../terminal/confirm.ts'
import type { Progress } from '../terminal/progress.ts'

/** What must be fetched before the manifests can be rendered. */
export interface MissingCharts {
  /** Releases, also of presets, whose charts are elsewhere. They go into devk's cache. */
  readonly remote: readonly HelmRelease[]
  /** What else presets take from elsewhere. It goes into devk's cache. */
  readonly sources: readonly RemoteSource[]
  /** What is fetched for presets, and the user has not allowed. */
  readonly forPresets: readonly string[]
  /** Charts of the project without their dependencies, which go into the folder of the chart. */
  readonly unbuilt: readonly UnbuiltChart[]
  /** Addresses that kustomizations fetch each time, and that the user has not allowed. */
  readonly addresses: readonly string[]
  /** Kustomizations without their charts, which go into the folder of the kustomization. */
  readonly kustomizations: readonly { readonly folder: string; readonly names: readonly string[] }[]
}

/** What of a configuration comes from elsewhere: its charts and kustomizations, and those of its presets. Pure. */
export function fetchedParts({ deploy, presets }: Pick<LoadedConfig, 'deploy' | 'presets'>) {
  const described = presets.filter((entry) => typeof entry !== 'string')
  const releases = described.flatMap((entry) => releaseOf(entry) ?? [])
  return {
    releases,
    helm: [...deploy.helm, ...releases],
    kustomize: [...deploy.kustomize, ...described.flatMap((entry) => entry.kustomize ?? [])],
    sources: described.flatMap(remoteSourcesOf),
  }
}

/** What of a configuration must be fetched. Fetches nothing. Throws MANIFEST_INVALID for a lock that cannot be read. */
export async function missingCharts(
  config: Pick<LoadedConfig, 'root' | 'deploy' | 'presets'>,
  { charts, allowed }: Pick<CliContext['paths'], 'charts' | 'allowed'>,
): Promise<MissingCharts> {
  const { root } = config
  const parts = fetchedParts(config)
  const [reaches, remote, sources, unbuilt, inflated] = await Promise.all([
    Promise.all(parts.kustomize.map((folder) => reachOf(folder, root))),
    unfetched(parts.helm, root, charts),
    unfetchedSources(parts.sources, root, charts),
    unbuiltCharts(parts.helm),
    Promise.all(parts.kustomize.map(async (folder) => ({ folder, charts: await inflatedCharts(folder) }))),
  ])
  const kustomizations = inflated.flatMap(({ folder, charts: list }) => {
    const names = list.filter(({ isThere }) => !isThere).map(({ name }) => name)
    return names.length === 0 ? [] : [{ folder, names }]
  })
  const addresses = await unallowed(allowed, root, [...new Set(reaches.flatMap((reach) => reach.remote))])
  const own = remote.filter((release) => parts.releases.includes(release))
  const forPresets = await unallowed(allowed, root, [...own.map(sourceText), ...sources.map(remoteText)])
  return { remote, sources, forPresets, unbuilt, kustomizations, addresses }
}

/** What was fetched into devk's cache. */
interface Fetched {
  readonly charts: readonly FetchedChart[]
  readonly sources: readonly FetchedSource[]
}

/** Fetches what is missing; `update` also renews what the lock names. Throws what helm, git and kustomize fail with. */
export async function fetchMissing(
  { runner, paths, signal, env }: Pick<CliContext, 'runner' | 'paths' | 'signal' | 'env'>,
  { root }: Pick<LoadedConfig, 'root'>,
  { remote, sources: missing, unbuilt, kustomizations }: Omit<MissingCharts, 'addresses' | 'forPresets'>,
  update: boolean,
): Promise<Fetched> {
  const options = { runner, charts: paths.charts, signal, root, update }
  const charts = await fetchCharts(remote, options)
  const sources = await fetchSources(missing, options)
  for (const chart of unbuilt) await buildDependencies(chart, { runner, signal })
  if (kustomizations.length === 0) return { charts, sources }
  const { bin } = paths
  await adoptTools(['kubectl'], { runner, bin, path: env.PATH ?? '', signal })
  for (const { folder } of kustomizations) {
    await fetchInflated(folder, root, { runner, kubectl: join(bin, 'kubectl') }, signal)
  }
  return { charts, sources }
}

/**
 * Fetches what the manifests of a configuration lack. Charts of the project's own releases are fetched as images are;
 * presets, what would be written into the project's own folders, and remote bases need the user's consent. Throws
 * CHART_MISSING or CONFIG_UNTRUSTED without it.
 */
export async function provideCharts(ctx: CliContext, config: LoadedConfig, progress: Progress): Promise<void> {
  const missing = await missingCharts(config, ctx.paths)
  const { remote, sources, forPresets, unbuilt, kustomizations, addresses } = missing
  const agree = async (asked: readonly string[], question: string) => {
    if (asked.length === 0) return
    const agreed = await confirm(ctx, question)
    await (agreed ? allowAddresses(ctx.paths.allowed, config.root, asked) : refuseToFetch(asked))
  }
  await agree(addresses, `Let kustomize fetch ${addresses.join(' and ')}?`)
  await agree(forPresets, `Fetch ${forPresets.join(' and ')} for the presets?`)
  const commands = commandsFor(missing, config.root)
  if (commands.length > 0 && !(await confirm(ctx, `Run ${commands.join(' and ')}?`))) {
    throw new DevkError('CHART_MISSING', 'Charts that the manifests need are missing', {
      details: [
        ...unbuilt.map((chart) => `${relative(config.root, chart.folder) || '.'} needs ${chart.missing.join(', ')}`),
        ...kustomizations.map(
          ({ folder, names }) => `${relative(config.root, folder) || '.'} needs ${names.join(', ')}`,
        ),
      ],
      hint: `Fetch them: ${commands.join(' && ')}. devk fetch and devk up --yes do it too.`,
    })
  }
  if (commands.length === 0 && remote.length === 0 && sources.length === 0) return
  await progress.step('Charts', async (say) => {
    for (const release of remote) say(`${release.name}: ${sourceText(release)}`)
    for (const source of sources) say(remoteText(source))
    const fetched = await fetchMissing(ctx, config, missing, false)
    const names = [
      ...fetched.charts.map(({ releases }) => releases[0] ?? ''),
      ...fetched.sources.map(({ source }) => remoteText(source)),
      ...unbuilt.flatMap((chart) => chart.missing),
    ]
    const all = [...new Set([...names, ...kustomizations.flatMap((each) => each.names)])].join(', ')
    const isNew = [...fetched.charts, ...fetched.sources].some((each) => each.isNew)
    return { value: undefined, note: isNew ? `${all}; commit ${lockName}` : all }
  })
}

/** Whether there are charts, which may ask what the cluster serves. */
export async function usesCharts({ deploy }: Pick<LoadedConfig, 'deploy'>): Promise<boolean> {
  if (deploy.helm.length > 0) return true
  const inflated = await Promise.all(deploy.kustomize.map((folder) => inflatedCharts(folder).catch(() => [])))
  return inflated.some((charts) => charts.length > 0)
}

/** Fetches the charts that a changed configuration names, while devk runs. */
export function fetchRemote({ runner, paths: { charts } }: Pick<CliContext, 'runner' | 'paths'>) {
  return async ({ root, deploy }: LoadedConfig, signal: AbortSignal): Promise<void> => {
    const missing = await unfetched(deploy.helm, root, charts)
    if (missing.length > 0) await fetchCharts(missing, { runner, charts, signal, root, update: false })
  }
}

/** The commands that write into the folders of the project. */
function commandsFor({ unbuilt, kustomizations }: MissingCharts, root: string): string[] {
  return [
    ...unbuilt.map(({ folder }) => `helm dependency build ${relative(root, folder) || '.'}`),
    ...kustomizations.map(({ folder }) => `kubectl kustomize --enable-helm ${relative(root, folder) || '.'}`),
  ]
}
