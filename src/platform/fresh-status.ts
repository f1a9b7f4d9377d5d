import type { ClusterNode } from '../cluster/provider.ts'
import type { Containers } from '../engine/api.ts'
import type { Kube } from '../kube/api.ts'
import { outdatedPods, readSilentNodes } from '../kube/freshness.ts'
import type { Pod } from '../kube/pod.ts'
import { labels } from '../lib/keys.ts'
import { duration } from '../lib/text.ts'
import { waitUntil } from '../lib/wait.ts'

/** The cluster whose status is to be believed. */
export interface FreshStatusOptions {
  readonly project: string
  readonly kube: Pick<Kube, 'list'>
  readonly containers: Pick<Containers, 'inspect'>
  readonly nodes: readonly ClusterNode[]
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Called with each new reason to wait. */
  readonly onReason: (reason: string) => void
}

/**
 * Waits until the nodes of a local cluster have reported since they started: after a restart of the engine the cluster
 * still shows the pods as they were before. Nodes on other machines are not looked at.
 * Throws NOT_READY with the nodes and pods that were not reported in time, and KUBE_API.
 */
export async function untilFresh(options: FreshStatusOptions): Promise<void> {
  const { project, kube, containers, timeoutMs, signal, onReason } = options
  const local = options.nodes.filter(({ container }) => container !== undefined)
  if (local.length === 0) return
  const found = await Promise.all(
    local.map(async ({ name, container = name }) => [name, await containers.inspect(container, signal)] as const),
  )
  const starts = new Map(
    found.flatMap(([name, info]) => (info?.startedAt === undefined ? [] : [[name, info.startedAt]])),
  )
  const missing = async () => {
    const [nodes, pods] = await Promise.all([
      readSilentNodes(kube, signal),
      kube.list({ apiVersion: 'v1', kind: 'Pod' }, { labels: `${labels.project}=${project}`, signal }),
    ])
    const silent = nodes.find(({ name }) => starts.has(name))
    if (silent !== undefined) return `node ${silent.name} has not reported for ${duration(silent.ms)}`
    const [old] = outdatedPods(pods as Pod[], starts)
    return old && `pod ${old.metadata.name} has not been reported since its node started`
  }
  await waitUntil(missing, { what: 'The status of the nodes', timeoutMs, intervalMs: 200, signal, onReason })
}
