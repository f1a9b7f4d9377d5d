import type { Kube } from './api.ts'

interface Endpoint {
  readonly conditions?: { readonly ready?: boolean }
  readonly targetRef?: { readonly name?: string }
}

/**
 * Names of the pods that a Service leads to now; undefined for an endpoint that is not a pod. An unknown readiness
 * counts as ready: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions
 */
export async function servedPods(
  kube: Pick<Kube, 'list'>,
  service: { readonly name: string; readonly namespace: string },
  signal: AbortSignal,
): Promise<(string | undefined)[]> {
  const labels = `kubernetes.io/service-name=${service.name}`
  const kind = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }
  const slices = await kube.list(kind, { namespace: service.namespace, labels, signal })
  const endpoints = slices.flatMap((slice) => (slice.endpoints as Endpoint[] | null | undefined) ?? [])
  return endpoints.filter(({ conditions }) => conditions?.ready !== false).map(({ targetRef }) => targetRef?.name)
}
