import { relative } from 'node:path'
import { DevkError } from '../../errors.ts'
import type { Runner, RunResult } from '../../exec/runner.ts'
import type { Capabilities } from '../../kube/api.ts'
import { type InflatedChart, inflatedCharts } from '../charts/kustomized.ts'
import { markGenerated } from '../helm/generated.ts'
import { hookOf } from '../helm/hooks.ts'
import { renderedTwice, useClock } from '../helm/moment.ts'
import { type RenderedObject, toObjects } from '../rendered.ts'
import { parseYaml } from '../yaml.ts'
import { requireTargets } from './check.ts'
import { reachOf, requireInside } from './reach.ts'

/** The programs that render kustomizations. */
export interface KustomizeDeps {
  readonly runner: Runner
  /** Path of kubectl, which includes kustomize. */
  readonly kubectl: string
  /** Rejects unless the user has agreed to these addresses, which kustomize fetches; absent: there is no agreement. */
  readonly agreeToFetch?: (addresses: readonly string[]) => Promise<void>
  /** The repository of a kustomization that was fetched; absent: the one around the configuration. */
  readonly repository?: string
  /** What charts may ask of the cluster. Called only if there are charts. */
  readonly capabilities?: () => Promise<Capabilities>
}

/**
 * Renders the kustomization in a folder. Throws MANIFEST_INVALID with the output of kustomize when it fails, for a
 * patch whose target selects nothing, and for files outside of the repository; CONFIG_UNTRUSTED for remote bases.
 * Throws TOOL_MISSING when neither kubectl nor kustomize starts.
 */
export async function kustomize(
  folder: string,
  root: string,
  deps: KustomizeDeps,
  signal: AbortSignal,
): Promise<RenderedObject[]> {
  const name = relative(root, folder) || '.'
  const reach = await reachOf(folder, root, deps.repository)
  requireInside(reach, name)
  if (reach.remote.length > 0) await (deps.agreeToFetch ?? refuseToFetch)(reach.remote)
  const charts = await inflatedCharts(folder)
  requireFetched(charts, name)
  const options = charts.length === 0 ? [] : helmOptions(await deps.capabilities?.())
  const fetches = reach.remote.length > 0
  const run = async (env: Readonly<Record<string, string>>) => {
    const result = await build(folder, { root, options, env, fetches }, deps, signal)
    requireSuccess(result, name)
    return read(result, name)
  }
  // Only charts generate values.
  const homes = new Set(charts.map(({ home }) => home))
  const objects =
    charts.length === 0 ? await run({}) : markGenerated(...(await renderedTwice(await useClock([...homes]), run)))
  await requireTargets(folder, root, objects, async (other) => {
    const copy = await build(other, { root, options, fetches }, deps, signal)
    return copy.exitCode === 0 ? read(copy, name) : undefined
  })
  return objects
}

/**
 * Fetches the charts of a kustomization that are not in their folder, as kustomize does while it renders. Throws as
 * `kustomize` does.
 */
export async function fetchInflated(
  folder: string,
  root: string,
  deps: KustomizeDeps,
  signal: AbortSignal,
): Promise<void> {
  const name = relative(root, folder) || '.'
  requireInside(await reachOf(folder, root), name)
  requireSuccess(await build(folder, { root, options: [], fetches: true }, deps, signal), name)
}

/** Throws CONFIG_UNTRUSTED: rendering fetches nothing that the user has not agreed to. */
export async function refuseToFetch(addresses: readonly string[]): Promise<void> {
  throw new DevkError('CONFIG_UNTRUSTED', 'The manifests need what you have not allowed devk to fetch', {
    details: [...addresses, 'Nothing was fetched.'],
    hint: 'Allow these addresses with devk fetch or devk up, or copy what they hold into the repository.',
  })
}

/** Throws CHART_MISSING for a chart that kustomize would fetch now: rendering uses no network. */
function requireFetched(charts: readonly InflatedChart[], name: string): void {
  const missing = charts.filter(({ isThere }) => !isThere)
  if (missing.length === 0) return
  throw new DevkError('CHART_MISSING', `Charts of the kustomization ${name} were not fetched yet`, {
    details: missing.map((chart) => `${chart.name} is not in ${chart.home}`),
    hint: `Fetch them: devk fetch, or kubectl kustomize --enable-helm ${name}`,
  })
}

function requireSuccess({ exitCode, stderr }: RunResult, name: string): void {
  if (exitCode === 0) return
  if (exitCode === 127) {
    throw new DevkError('TOOL_MISSING', `Neither kubectl nor kustomize could be started to render ${name}`, {
      hint: 'Run devk doctor --fix, which installs kubectl.',
    })
  }
  if (/helm.*executable file not found/s.test(stderr)) {
    throw new DevkError('TOOL_MISSING', `helm is not installed, but helmCharts in ${name} need it`, {
      hint: 'Install helm 3 or newer.',
    })
  }
  throw new DevkError('MANIFEST_INVALID', `kustomize could not render ${name}`, {
    details: stderr.split('\n').filter((line) => line !== '' && !line.startsWith('# Warning')),
    hint: `Run it on its own: kubectl kustomize --enable-helm ${name}`,
  })
}

/** What kustomize passes on to helm. A `kubeVersion` or `apiVersions` of the kustomization itself counts more. */
function helmOptions(capabilities: Capabilities | undefined): string[] {
  if (capabilities === undefined) return []
  const { kubeVersion, apiVersions } = capabilities
  return [
    ...(kubeVersion === undefined ? [] : ['--helm-kube-version', kubeVersion]),
    ...apiVersions.flatMap((version) => ['--helm-api-versions', version]),
  ]
}

function read({ stdout }: RunResult, name: string): RenderedObject[] {
  const objects = toObjects(parseYaml(stdout, `${name} (kustomize)`), `${name} (kustomize)`, false)
  // kustomize does not know which hooks of a chart are for the deletion of a release.
  return objects.filter(({ object }) => hookOf(object)?.events.length !== 0)
}

interface BuildOptions {
  readonly root: string
  readonly options: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly fetches: boolean
}

async function build(
  folder: string,
  { root, options, env = {}, fetches }: BuildOptions,
  deps: KustomizeDeps,
  signal: AbortSignal,
): Promise<RunResult> {
  // Overlays often use files of sibling folders, which kustomize refuses by default. reach.ts has checked them.
  // Charts of `helmCharts` are inflated by helm, which only they need.
  const args = [folder, '--load-restrictor', 'LoadRestrictionsNone', '--enable-helm', ...options]
  const how = { signal, cwd: root, env, fetches }
  const first = await deps.runner.run(deps.kubectl, ['kustomize', ...args], how)
  const result = first.exitCode === 127 ? await deps.runner.run('kustomize', ['build', ...args], how) : first
  // kubectl before 1.31 cannot pass on what the cluster serves.
  const isOld = options.length > 0 && /unknown flag: --helm-/.test(result.stderr)
  return isOld ? build(folder, { root, options: [], env, fetches }, deps, signal) : result
}
