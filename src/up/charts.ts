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
import { allowAddresses, unallowed } from '../state/allowed.ts'
import { confirm } from '../terminal/confirm.ts'
import type { Progress } from '../terminal/progress.ts'

/** What must be fetched before the manifests can be rendered. */
export interface MissingCharts {
  /** Releases whose charts are elsewhere. They go into devk's cache. */
  readonly remote: readonly HelmRelease[]
  /** Charts of the project without their dependencies, which go into the folder of the chart. */
  readonly unbuilt: readonly UnbuiltChart[]
  /** Addresses that kustomizations fetch each time, and that the user has not allowed. */
  readonly addresses: readonly string[]
  /** Kustomizations without their charts, which go into the folder of the kustomization. */
  readonly kustomizations: readonly { readonly folder: string; readonly names: readonly string[] }[]
}

/** What of a configuration must be fetched. Fetches nothing. Throws MANIFEST_INVALID for a lock that cannot be read. */
export async function missingCharts(
  { root, deploy }: Pick<LoadedConfig, 'root' | 'deploy'>,
  { charts, allowed }: Pick<CliContext['paths'], 'charts' | 'allowed'>,
): Promise<MissingCharts> {
  const [reaches, remote, unbuilt, inflated] = await Promise.all([
    Promise.all(deploy.kustomize.map((folder) => reachOf(folder, root))),
    unfetched(deploy.helm, root, charts),
    unbuiltCharts(deploy.helm),
    Promise.all(deploy.kustomize.map(async (folder) => ({ folder, charts: await inflatedCharts(folder) }))),
  ])
  const kustomizations = inflated.flatMap(({ folder, charts: list }) => {
    const names = list.filter(({ isThere }) => !isThere).map(({ name }) => name)
    return names.length === 0 ? [] : [{ folder, names }]
  })
  const addresses = await unallowed(allowed, root, [...new Set(reaches.flatMap((reach) => reach.remote))])
  return { remote, unbuilt, kustomizations, addresses }
}

/** Fetches the charts; `update` also renews what the lock names. Throws what helm and kustomize fail with. */
export async function fetchMissing(
  { runner, paths, signal, env }: Pick<CliContext, 'runner' | 'paths' | 'signal' | 'env'>,
  { root }: Pick<LoadedConfig, 'root'>,
  { remote, unbuilt, kustomizations }: MissingCharts,
  update: boolean,
): Promise<FetchedChart[]> {
  const fetched = await fetchCharts(remote, { runner, charts: paths.charts, signal, root, update })
  for (const chart of unbuilt) await buildDependencies(chart, { runner, signal })
  if (kustomizations.length === 0) return fetched
  const { bin } = paths
  await adoptTools(['kubectl'], { runner, bin, path: env.PATH ?? '', signal })
  for (const { folder } of kustomizations) {
    await fetchInflated(folder, root, { runner, kubectl: join(bin, 'kubectl') }, signal)
  }
  return fetched
}

/**
 * Fetches what the manifests of a configuration lack. Charts that the configuration names are fetched as images are;
 * what would be written into the project's own folders, and remote bases, need the user's consent. Throws CHART_MISSING
 * or CONFIG_UNTRUSTED without it.
 */
export async function provideCharts(ctx: CliContext, config: LoadedConfig, progress: Progress): Promise<void> {
  const missing = await missingCharts(config, ctx.paths)
  const { remote, unbuilt, kustomizations, addresses } = missing
  if (addresses.length > 0) {
    const agreed = await confirm(ctx, `Let kustomize fetch ${addresses.join(' and ')}?`)
    await (agreed ? allowAddresses(ctx.paths.allowed, config.root, addresses) : refuseToFetch(addresses))
  }
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
  if (commands.length === 0 && remote.length === 0) return
  await progress.step('Charts', async (say) => {
    for (const release of remote) say(`${release.name}: ${sourceText(release)}`)
    const fetched = await fetchMissing(ctx, config, missing, false)
    const names = [...fetched.map(({ releases }) => releases[0] ?? ''), ...unbuilt.flatMap((chart) => chart.missing)]
    const all = [...new Set([...names, ...kustomizations.flatMap((each) => each.names)])].join(', ')
    return { value: undefined, note: fetched.some(({ isNew }) => isNew) ? `${all}; commit ${lockName}` : all }
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
