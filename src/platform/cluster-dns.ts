import type { ClusterNode } from '../cluster/provider.ts'
import type { Kube } from '../kube/api.ts'
import { servedPods } from '../kube/endpoints.ts'
import { waitUntil } from '../lib/wait.ts'

const inSystem = { namespace: 'kube-system', labels: 'k8s-app=kube-dns' }

/** The cluster whose DNS has to answer. */
export interface ClusterDnsOptions {
  readonly kube: Pick<Kube, 'list'>
  readonly nodes: readonly ClusterNode[]
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Called with each new reason to wait, and with undefined when the wait is over. */
  readonly onReason: (reason: string | undefined) => void
}

/**
 * Does `work`, and waits meanwhile until the DNS of a local cluster has a ready pod: in a new cluster that may take
 * longer than the services do, and until then no pod finds a Service by its name. Throws what `work` throws, or
 * NOT_READY after `timeoutMs` ms.
 */
export async function withClusterDns<T>(options: ClusterDnsOptions, work: () => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const answering = untilAnswering({ ...options, signal: AbortSignal.any([options.signal, stop.signal]) })
  // A failure of the work is reported first.
  answering.catch(() => {})
  try {
    const value = await work()
    await answering
    return value
  } finally {
    stop.abort()
  }
}

async function untilAnswering({ kube, nodes, timeoutMs, signal, onReason }: ClusterDnsOptions): Promise<void> {
  if (nodes.every(({ container }) => container === undefined)) return
  const services = await kube.list({ apiVersion: 'v1', kind: 'Service' }, { ...inSystem, signal })
  const check = async () => {
    for (const { metadata } of services) {
      const { name, namespace = inSystem.namespace } = metadata
      const pods = await servedPods(kube, { name, namespace }, signal)
      if (pods.length === 0) return `Service ${namespace}/${name} has no ready pod yet`
    }
    return undefined
  }
  let isWaiting = false
  const onWait = (reason: string) => {
    isWaiting = true
    onReason(reason)
  }
  await waitUntil(check, { what: 'The DNS of the cluster', timeoutMs, signal, onReason: onWait })
  if (isWaiting) onReason(undefined)
}
