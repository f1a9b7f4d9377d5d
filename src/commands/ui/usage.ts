import type { KubeObject } from '../../kube/api.ts'
import { conditionOf } from '../../kube/pod.ts'
import { abortable } from '../../lib/wait.ts'
import type { OpenProject } from '../../project/open.ts'
import { type History, history } from '../../ui/history.ts'
import { type Bell, bell } from '../../ui/sse.ts'
import type { TopReport } from '../top/report.ts'
import { readFacts, type TopFacts, topReport } from '../top/top.ts'
import type { UiSample } from './api.ts'

/** What the stack uses, now and in the last minutes. */
export interface UsageFeed {
  readonly samples: History<UiSample>
  readonly rings: Bell
  /** Reads what is used now. Asked again at once, it gives the same. Throws KUBE_API. */
  read(project: OpenProject, signal: AbortSignal): Promise<TopReport>
}

/** A kubelet measures every ten seconds, metrics-server less often. */
const paceMs = 10_000
/** How long a kubelet may take to answer: the state of everything else does not wait for it. */
const patienceMs = 3000

/** The metrics API is not served, or not for this user: the rest of the state is shown all the same. */
const nobody = [403, 404, 503]

/** Keeps the newest samples, of 15 minutes. `now` is wall clock, ms. */
export function usageFeed(now: () => number, patience = patienceMs): UsageFeed {
  const samples = history<UiSample>({ items: 90, size: 100_000 })
  const rings = bell()
  let last: { readonly of: OpenProject['kube']; readonly at: number; readonly report: TopReport } | undefined
  return {
    samples,
    rings,
    async read(project, signal) {
      const at = now()
      if (last !== undefined && last.of === project.kube && at - last.at < paceMs) return last.report
      const facts = await readFacts(project, signal, nobody)
      const measured = facts.nodeMetrics.length > 0 ? facts : await askKubelets(project, facts, patience, signal)
      const report = topReport(project.record, measured)
      last = { of: project.kube, at, report }
      const sample = sampleOf(report, new Date(at).toISOString())
      if (sample.uses.length > 0) samples.add(sample, sample.uses.length)
      rings.ring()
      return report
    },
  }
}

function sampleOf({ uses }: TopReport, time: string): UiSample {
  return { time, uses: uses.flatMap(({ kind, name, used }) => (used === null ? [] : [{ kind, name, ...used }])) }
}

/** Nodes that are not ready are not asked. One that does not answer measures nothing. */
async function askKubelets(
  { kube }: OpenProject,
  facts: TopFacts,
  patience: number,
  signal: AbortSignal,
): Promise<TopFacts> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(patience)])
  const ready = facts.nodes.filter((node) => conditionOf(node, 'Ready')?.status === 'True')
  const ask = ({ metadata }: KubeObject) =>
    abortable(kube.measured(metadata.name, late), late).catch(() => {
      signal.throwIfAborted()
      return []
    })
  const measured = (await Promise.all(ready.map(ask))).flat()
  const of = (kind: string) => measured.filter((each) => each.kind === kind)
  return { ...facts, podMetrics: of('PodMetrics'), nodeMetrics: of('NodeMetrics') }
}
