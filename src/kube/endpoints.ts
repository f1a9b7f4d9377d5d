import type { Kube } from './api.ts'

interface Endpoint {
  readonly addresses?: readonly string[]
  readonly conditions?: { readonly ready?: boolean }
  readonly targetRef?: { readonly name?: string }
}

/** A Service. */
interface ServiceName {
  readonly name: string
  readonly namespace: string
}

/** Names of the pods that a Service leads to now; undefined for an endpoint that is not a pod. */
export async function servedPods(
  kube: Pick<Kube, 'list'>,
  service: ServiceName,
  signal: AbortSignal,
): Promise<(string | undefined)[]> {
  return (await readyEndpoints(kube, service, signal)).map(({ targetRef }) => targetRef?.name)
}

/** The IPv4 address of a ready endpoint of a Service; undefined if it has none. */
export async function endpointAddress(
  kube: Pick<Kube, 'list'>,
  service: ServiceName,
  signal: AbortSignal,
): Promise<string | undefined> {
  const addresses = (await readyEndpoints(kube, service, signal)).flatMap((endpoint) => endpoint.addresses ?? [])
  return addresses.find((address) => !address.includes(':'))
}

/**
 * An unknown readiness counts as ready:
 * https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions
 */
async function readyEndpoints(kube: Pick<Kube, 'list'>, service: ServiceName, signal: AbortSignal) {
  const labels = `kubernetes.io/service-name=${service.name}`
  const kind = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }
  const slices = await kube.list(kind, { namespace: service.namespace, labels, signal })
  const endpoints = slices.flatMap((slice) => (slice.endpoints as Endpoint[] | null | undefined) ?? [])
  return endpoints.filter(({ conditions }) => conditions?.ready !== false)
}
