import type { CommandFunction } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import type { Kube, KubeObject } from '../../kube/api.ts'
import { statusOf } from '../../kube/client/client.ts'
import type { Pod } from '../../kube/pod.ts'
import { labels } from '../../lib/keys.ts'
import { type OpenProject, openProject } from '../../project/open.ts'
import { requireKnown } from '../../project/selection.ts'
import type { ProjectRecord } from '../../state/projects.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { owned } from '../status/report.ts'
import { nodeUses, podUses, type TopReport, type Use, useOf } from './report.ts'
import { topText } from './text.ts'

/** Flags of `devk top`. */
export interface TopFlags {
  /** Also show a line for each pod. */
  readonly pods: boolean
}

/**
 * `devk top [service…]`: shows what pods and nodes use, as metrics-server measures it. Throws USAGE for an unknown
 * name, NOT_READY if there are no measurements yet, TOOL_MISSING if nothing in the cluster measures them.
 */
export const runTop: CommandFunction<TopFlags> = async (ctx, names, { pods }) => {
  const report = await readTop(await openProject(ctx), names, ctx.signal)
  if (ctx.json) await writeJson(ctx.stdout, report)
  else await writeText(ctx.stdout, topText(report, { pods, columns: ctx.columns }))
  return 0
}

/** Reads the report of `devk top` from the cluster; all names if none is given. Throws what `runTop` throws. */
export async function readTop(project: OpenProject, names: readonly string[], signal: AbortSignal): Promise<TopReport> {
  const { record } = project
  const all = partsOf(record)
  requireKnown(
    record.name,
    names,
    all.map(({ name }) => name),
  )
  const facts = await readFacts(project, signal)
  if (facts.nodeMetrics.length === 0) throw noMetrics(record.presets.some(({ name }) => name === 'metrics-server'))
  const { uses, ...report } = topReport(record, facts)
  return { ...report, uses: uses.filter(({ name }) => names.length === 0 || names.includes(name)) }
}

/** What the report of `devk top` follows from. */
export interface TopFacts {
  readonly pods: readonly KubeObject[]
  readonly nodes: readonly KubeObject[]
  /** As the metrics API gives them; empty if nothing measures. */
  readonly podMetrics: readonly KubeObject[]
  readonly nodeMetrics: readonly KubeObject[]
}

/** Answers to a question for metrics when nothing in the cluster measures. */
const nobody: readonly number[] = [404, 503]

/**
 * Reads the pods of a project, the nodes, and what metrics-server measures. Answers of the API server with a status of
 * `without` count as no measurements. Throws KUBE_API.
 */
export async function readFacts(
  { record, kube }: OpenProject,
  signal: AbortSignal,
  without = nobody,
): Promise<TopFacts> {
  const selector = `${labels.project}=${record.name}`
  const [pods, podMetrics, nodes, nodeMetrics] = await Promise.all([
    kube.list({ apiVersion: 'v1', kind: 'Pod' }, { labels: selector, signal }),
    metricsOf(kube, 'PodMetrics', { labels: selector, signal }, without),
    kube.list({ apiVersion: 'v1', kind: 'Node' }, { signal }),
    metricsOf(kube, 'NodeMetrics', { signal }, without),
  ])
  return { pods, podMetrics, nodes, nodeMetrics }
}

/** The report of all services, presets and externals that have pods. Pure. */
export function topReport(record: ProjectRecord, { pods, nodes, podMetrics, nodeMetrics }: TopFacts): TopReport {
  const uses = partsOf(record)
    .map(({ name, kind }) => useOf(name, kind, podUses(owned(pods as Pod[], kind, name), podMetrics)))
    .filter((use) => use.pods.length > 0)
  return { project: record.name, uses, nodes: nodeUses(nodes, nodeMetrics) }
}

function partsOf(record: ProjectRecord): Pick<Use, 'name' | 'kind'>[] {
  return [
    ...record.services.map(({ name }) => ({ name, kind: 'service' as const })),
    ...record.presets.map(({ name }) => ({ name, kind: 'preset' as const })),
    ...record.externals.map((name) => ({ name, kind: 'external' as const })),
  ]
}

async function metricsOf(
  kube: Kube,
  kind: 'PodMetrics' | 'NodeMetrics',
  options: { readonly labels?: string; readonly signal: AbortSignal },
  without: readonly number[],
): Promise<KubeObject[]> {
  return kube.list({ apiVersion: 'metrics.k8s.io/v1beta1', kind }, options).catch((error: unknown) => {
    if (without.includes(statusOf(error) ?? 0)) return []
    throw error
  })
}

function noMetrics(hasServer: boolean): DevkError {
  return new DevkError(hasServer ? 'NOT_READY' : 'TOOL_MISSING', 'The cluster has no metrics of pods and nodes', {
    hint: hasServer
      ? 'The preset metrics-server provides them half a minute after it starts. devk status shows its state.'
      : 'Install the preset metrics-server: run devk preset add metrics-server, then devk up.',
  })
}
