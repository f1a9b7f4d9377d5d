import { createHash } from 'node:crypto'
import type { Kube, KubeObject } from '../../kube/api.ts'
import { annotations } from '../../lib/keys.ts'
import { type ClusterNames, hasClusterNames, withClusterNames } from '../../presets/corefile.ts'
import { applyPlan } from '../apply.ts'
import { isEmpty, type Plan, patchOf } from '../plan.ts'
import { type ReadyOptions, untilReady } from '../ready/until-ready.ts'

const named = { name: 'coredns', namespace: 'kube-system' } as const
const mapRef = { apiVersion: 'v1', kind: 'ConfigMap', ...named } as const
const serverRef = { apiVersion: 'apps/v1', kind: 'Deployment', ...named } as const
const annotation = annotations.clusterHosts

type NamesOptions = Omit<ReadyOptions, 'onReason'>

/** Names that were written to the cluster. */
export interface WrittenNames {
  /** How many objects were written. */
  readonly changes: number
  /** Resolves when the cluster resolves the names. Rejects with NOT_READY. */
  ready(): Promise<void>
}

/**
 * Changes which names of devk's own CoreDNS resolves, and waits until it does. Returns how many objects were written;
 * undefined if the cluster does not use CoreDNS in the usual way. Throws NOT_READY, KUBE_API.
 */
export async function setClusterNames(names: ClusterNames, options: NamesOptions): Promise<number | undefined> {
  const written = await writeClusterNames(names, options)
  await written?.ready()
  return written?.changes
}

/**
 * Writes the names in blocks of devk's own into the configuration of CoreDNS. It reloads its file only after a minute
 * or two, so its pods are replaced, one after the other. Returns undefined as `setClusterNames` does. Throws KUBE_API.
 */
export async function writeClusterNames(names: ClusterNames, options: NamesOptions): Promise<WrittenNames | undefined> {
  const { kube, signal } = options
  const found = await observeServer(kube, signal)
  const plan = found && planNames(found, names)
  if (plan === undefined) return undefined
  if (isEmpty(plan)) return { changes: 0, ready: async () => {} }
  const written = await applyPlan(plan, { kube, signal, patienceMs: 0 })
  const servers = written.filter(({ kind }) => kind === serverRef.kind)
  return { changes: written.length, ready: () => untilReady(servers, options) }
}

interface NameServer {
  readonly map: KubeObject
  readonly server: KubeObject
}

async function observeServer(kube: Kube, signal: AbortSignal): Promise<NameServer | undefined> {
  const [map, server] = await Promise.all([kube.get(mapRef, signal), kube.get(serverRef, signal)])
  return map && server && { map, server }
}

/** The plan that changes the names; undefined if devk cannot read the Corefile. Pure. */
function planNames({ map, server }: NameServer, names: ClusterNames): Plan | undefined {
  const before = (map.data as { Corefile?: string } | undefined)?.Corefile
  const after = before === undefined ? undefined : withClusterNames(before, names)
  if (after === undefined) return undefined
  const hash = hasClusterNames(after) ? createHash('sha256').update(after).digest('hex').slice(0, 16) : undefined
  const { template } = server.spec as { template?: { metadata?: { annotations?: Record<string, string> } } }
  const isOld = template?.metadata?.annotations?.[annotation] !== hash
  const { resourceVersion } = map.metadata
  const metadata = { annotations: { [annotation]: hash ?? null } }
  const corefile = patchOf(map, { metadata: { resourceVersion }, data: { Corefile: after } })
  const restart = patchOf(server, { spec: { template: { metadata } } })
  if (after !== before) return { actions: [corefile, restart] }
  // An earlier run may have ended after the first of the two patches.
  return { actions: isOld ? [restart] : [] }
}
