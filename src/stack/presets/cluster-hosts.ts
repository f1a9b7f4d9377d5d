import { createHash } from 'node:crypto'
import type { Kube } from '../../kube/api.ts'
import { readiness } from '../../kube/ready.ts'
import { annotations } from '../../lib/keys.ts'
import { waitUntil } from '../../lib/wait.ts'
import { type ClusterHosts, withClusterHosts } from '../../presets/corefile.ts'
import type { RemoveOptions } from '../remove.ts'

const named = { name: 'coredns', namespace: 'kube-system' } as const
const map = { apiVersion: 'v1', kind: 'ConfigMap', ...named } as const
const server = { apiVersion: 'apps/v1', kind: 'Deployment', ...named } as const

/**
 * Lets names lead to the ingress inside the cluster, by a block of devk's own in CoreDNS' configuration, or takes that block out again.
 * The server reads its file anew only after a minute or two, so its pods are replaced, one after the other. Gives how many objects were
 * written; undefined when the cluster resolves its names in another way. Throws NOT_READY, KUBE_API.
 */
export async function setClusterHosts(
  kube: Kube,
  wanted: ClusterHosts | undefined,
  { timeoutMs, signal }: Pick<RemoveOptions, 'timeoutMs' | 'signal'>,
): Promise<number | undefined> {
  const [there, running] = await Promise.all([kube.get(map, signal), kube.get(server, signal)])
  const corefile = (there?.data as { Corefile?: string } | undefined)?.Corefile
  if (there === undefined || running === undefined || corefile === undefined) return undefined
  const changed = withClusterHosts(corefile, wanted)
  if (changed === undefined) return undefined
  const { resourceVersion } = there.metadata
  const isNew = changed !== corefile
  if (isNew) await kube.patch(map, { metadata: { resourceVersion }, data: { Corefile: changed } }, signal)
  // An up that was ended in between has written the one and not the other.
  const hash = wanted === undefined ? undefined : createHash('sha256').update(changed).digest('hex').slice(0, 16)
  const template = (running.spec as { template?: { metadata?: { annotations?: Record<string, string> } } }).template
  const isOld = template?.metadata?.annotations?.[annotations.clusterHosts] !== hash
  if (!isNew && !isOld) return 0
  const metadata = { annotations: { [annotations.clusterHosts]: hash ?? null } }
  await kube.patch(server, { spec: { template: { metadata } } }, signal)
  const check = async () => {
    const now = await kube.get(server, signal)
    const state = now && readiness(now)
    return state === undefined || state.ready ? undefined : state.reason
  }
  await waitUntil(check, { what: 'Deployment kube-system/coredns', timeoutMs, signal })
  return Number(isNew) + 1
}
