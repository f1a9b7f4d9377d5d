import type { Kube, KubeObject } from './api.ts'
import { statusOf } from './client/errors.ts'
import type { Pod } from './pod.ts'

/** A kubelet renews the Lease of its node every ten seconds. */
const renewalMs = 10_000
/** A renewal may be late on a busy machine. */
const graceMs = 5000

/** A node that has stopped to renew its Lease: what the cluster says about its pods is old. */
export interface SilentNode {
  readonly name: string
  /** Milliseconds since its last renewal. */
  readonly ms: number
}

/** Where kubelets and control planes keep the Leases that they renew. */
const leaseNamespaces = ['kube-node-lease', 'kube-system']

/**
 * The nodes that do not report any more, by their Leases; none when devk may not read these. The cluster itself notices
 * it only after 40 seconds. Throws KUBE_API.
 */
export async function readSilentNodes(kube: Pick<Kube, 'list'>, signal: AbortSignal): Promise<SilentNode[]> {
  const lists = leaseNamespaces.map((namespace) =>
    kube.list({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }, { namespace, signal }).catch((error) => {
      if (statusOf(error) === 403) return []
      throw error
    }),
  )
  return silentNodes((await Promise.all(lists)).flat())
}

/**
 * The nodes whose Lease is older than the newest Lease of all. Only times of the cluster are compared, since its clock
 * may differ from that of this machine. Pure.
 */
export function silentNodes(leases: readonly KubeObject[]): SilentNode[] {
  const renewed = leases.map(({ metadata, spec }) => ({
    ...metadata,
    at: Date.parse(((spec ?? {}) as { renewTime?: string }).renewTime ?? ''),
  }))
  const newest = Math.max(...renewed.map(({ at }) => at || 0))
  return renewed.flatMap(({ namespace, name, at }) => {
    const ms = newest - at
    return namespace === leaseNamespaces[0] && ms > renewalMs + graceMs ? [{ name, ms }] : []
  })
}

/**
 * The pods whose status is older than the last start of their node: a container that is said to run since an earlier
 * time cannot run any more. `starts` is the start of each node that is known (milliseconds since the epoch). Pure.
 */
export function outdatedPods(pods: readonly Pod[], starts: ReadonlyMap<string, number>): Pod[] {
  return pods.filter(({ spec, status }) => {
    const start = starts.get(spec?.nodeName ?? '')
    if (start === undefined) return false
    return (status?.containerStatuses ?? []).some(({ state }) => {
      const since = Date.parse(state?.running?.startedAt ?? '')
      // The API has whole seconds.
      return since + 1000 < start
    })
  })
}
