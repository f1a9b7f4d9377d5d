import { isRecord } from '../../lib/record.ts'
import type { KubeObject } from '../api.ts'
import type { Http } from './http.ts'

const apiVersion = 'metrics.k8s.io/v1beta1'

/**
 * What the kubelet of a node measures, read through the API server; see `Kube.measured`. CPU is the average of the last
 * seconds, memory what cannot be freed, as in metrics-server. Throws KUBE_API if the API server does not answer.
 */
export async function readKubelet(http: Http, node: string, signal: AbortSignal): Promise<KubeObject[]> {
  const path = `/api/v1/nodes/${encodeURIComponent(node)}/proxy/stats/summary?only_cpu_and_memory=true`
  const { status, body } = await http.request({ method: 'GET', path, signal })
  return status === 200 ? metricsIn(body, node) : []
}

/** The Summary of a kubelet (stats/v1alpha1) in the form of the metrics API, as far as it has measured. Pure. */
export function metricsIn(summary: unknown, node: string): KubeObject[] {
  const { node: own, pods } = isRecord(summary) ? summary : {}
  const usage = usageIn(own)
  const ofNode = usage && { apiVersion, kind: 'NodeMetrics', metadata: { name: node }, usage }
  const ofPods = (Array.isArray(pods) ? pods : []).flatMap((pod: unknown): KubeObject[] => {
    const { podRef, containers } = isRecord(pod) ? pod : {}
    const { name, namespace } = isRecord(podRef) ? podRef : {}
    if (typeof name !== 'string' || typeof namespace !== 'string') return []
    const measured = (Array.isArray(containers) ? containers : []).flatMap((container: unknown) => {
      const usage = usageIn(container)
      return usage === undefined ? [] : [{ usage }]
    })
    if (measured.length === 0) return []
    return [{ apiVersion, kind: 'PodMetrics', metadata: { name, namespace }, containers: measured }]
  })
  return [...(ofNode === undefined ? [] : [ofNode]), ...ofPods]
}

function usageIn(value: unknown): { readonly cpu: string; readonly memory: string } | undefined {
  const { cpu, memory } = isRecord(value) ? value : {}
  const cores = isRecord(cpu) ? cpu.usageNanoCores : undefined
  const bytes = isRecord(memory) ? memory.workingSetBytes : undefined
  return typeof cores === 'number' && typeof bytes === 'number'
    ? { cpu: `${cores}n`, memory: String(bytes) }
    : undefined
}
