import { createHash } from 'node:crypto'
import type { Kube, KubeObject } from '../../kube/api.ts'
import { annotations } from '../../lib/keys.ts'
import { type ClusterHosts, withClusterHosts } from '../../presets/corefile.ts'
import { applyPlan } from '../apply.ts'
import { isEmpty, type Plan, patchOf } from '../plan.ts'
import { type ReadyOptions, untilReady } from '../ready/until-ready.ts'

const named = { name: 'coredns', namespace: 'kube-system' } as const
const mapRef = { apiVersion: 'v1', kind: 'ConfigMap', ...named } as const
const serverRef = { apiVersion: 'apps/v1', kind: 'Deployment', ...named } as const
const annotation = annotations.clusterHosts

/**
 * Makes hosts resolve to the ingress inside the cluster, through a block of devk's own in the configuration of CoreDNS;
 * `undefined` removes the block. CoreDNS reloads its file only after a minute or two, so its pods are replaced, one
 * after the other.
 * Returns how many objects were written; undefined if the cluster does not use CoreDNS in the usual way. Throws
 * NOT_READY, KUBE_API.
 */
export async function setClusterHosts(
  wanted: ClusterHosts | undefined,
  options: Omit<ReadyOptions, 'onReason'>,
): Promise<number | undefined> {
  const { kube, signal } = options
  const found = await observeServer(kube, signal)
  const plan = found && planClusterHosts(found, wanted)
  if (plan === undefined) return undefined
  if (isEmpty(plan)) return 0
  const written = await applyPlan(plan, { kube, signal, patienceMs: 0 })
  await untilReady(
    written.filter(({ kind }) => kind === serverRef.kind),
    options,
  )
  return written.length
}

interface NameServer {
  readonly map: KubeObject
  readonly server: KubeObject
}

async function observeServer(kube: Kube, signal: AbortSignal): Promise<NameServer | undefined> {
  const [map, server] = await Promise.all([kube.get(mapRef, signal), kube.get(serverRef, signal)])
  return map && server && { map, server }
}

/** The plan that sets or removes the hosts; undefined if devk cannot read the Corefile. Pure. */
function planClusterHosts({ map, server }: NameServer, wanted: ClusterHosts | undefined): Plan | undefined {
  const before = (map.data as { Corefile?: string } | undefined)?.Corefile
  const after = before === undefined ? undefined : withClusterHosts(before, wanted)
  if (after === undefined) return undefined
  const hash = wanted === undefined ? undefined : createHash('sha256').update(after).digest('hex').slice(0, 16)
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
