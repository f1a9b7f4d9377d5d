import { DevkError } from '../../errors.ts'
import { type KindRef, type Kube, type KubeObject, nameOf, type ObjectRef, type PodStreams, refOf } from '../api.ts'
import { podStreams } from '../streams/streams.ts'
import { readApiServer } from './api-server.ts'
import type { Answer } from './call.ts'
import { readCapabilities } from './capabilities.ts'
import { apiRoot, discovery, type Resource } from './discovery.ts'
import { apiFailure } from './errors.ts'
import { type Http, httpClient } from './http.ts'
import { readKubelet } from './kubelet.ts'
import { watchKind } from './watch.ts'

export { statusOf } from './errors.ts'

/**
 * Connects to the cluster of one context of a kubeconfig. Sends nothing yet. `server` is the address of the API server
 * without a trailing slash. Throws CLUSTER_MISSING when the file or the context does not exist.
 */
export async function connectKube(
  kubeconfigFile: string,
  contextName: string,
): Promise<{ kube: Kube; streams: PodStreams; server: string }> {
  const endpoint = await readApiServer(kubeconfigFile, contextName)
  const http = httpClient(endpoint)
  return { kube: kubeOver(http), streams: podStreams(http), server: endpoint.server.href.replace(/\/$/, '') }
}

/** The Kube interface over HTTP. */
export function kubeOver(http: Http): Kube {
  const { find, findInGroup, kinds } = discovery(http)

  const pathOf = (ref: ObjectRef, resource: Resource) =>
    `${collection(resource, ref.namespace ?? 'default')}/${encodeURIComponent(ref.name)}`
  /** What exists is found in any version of its API group: the one that wrote it may no longer be served. */
  const locate = async (ref: ObjectRef, signal: AbortSignal): Promise<string | undefined> => {
    const resource = await findInGroup(ref, signal)
    return resource && pathOf(ref, resource)
  }
  const mustLocate = async (ref: ObjectRef, signal: AbortSignal): Promise<string> => {
    const resource = await find(ref, signal)
    if (resource) return pathOf(ref, resource)
    throw new DevkError(
      'KUBE_API',
      `${nameOf(ref)}: the API server does not serve kind ${ref.kind} in ${ref.apiVersion}`,
      {
        hint: 'Check that its CustomResourceDefinition is applied and that the cluster serves this API version.',
      },
    )
  }
  const object = (method: 'GET' | 'PATCH' | 'DELETE', path: string, ref: ObjectRef, answer: Answer): KubeObject => {
    if (answer.status === 200 || answer.status === 201) return answer.body as KubeObject
    throw apiFailure({ method, path }, answer.status, answer.body, nameOf(ref))
  }
  const get = async (ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined> => {
    const path = await locate(ref, signal)
    if (!path) return undefined
    const answer = await http.request({ method: 'GET', path, signal })
    return answer.status === 404 ? undefined : object('GET', path, ref, answer)
  }

  return {
    get,
    kinds,
    async list(kind, options) {
      const resource = await findInGroup(kind, options.signal)
      if (!resource) return []
      const path = collection(resource, options.namespace) + query(selectors(options))
      const answer = await http.request({ method: 'GET', path, signal: options.signal })
      const served = { apiVersion: resource.apiVersion, kind: kind.kind }
      return answer.status === 404 ? [] : itemsOf(served, path, answer).items
    },
    capabilities: (signal) => readCapabilities(http, signal),
    measured: (node, signal) => readKubelet(http, node, signal),
    async namespaced(kind, signal) {
      return (await find(kind, signal))?.namespaced
    },
    async apply(wanted, { force, dryRun, signal }) {
      const ref = refOf(wanted)
      const parameters = { fieldManager: 'devk', force: String(force), fieldValidation: 'Strict' }
      const path = (await mustLocate(ref, signal)) + query({ ...parameters, dryRun: dryRun ? 'All' : undefined })
      // The server rejects an apply that has managedFields.
      const { managedFields: _, ...metadata } = wanted.metadata
      const body = { ...wanted, metadata }
      const contentType = 'application/apply-patch+yaml'
      return object('PATCH', path, ref, await http.request({ method: 'PATCH', path, body, contentType, signal }))
    },
    async patch(ref, body, signal, subresource) {
      const place = subresource === undefined ? '' : `/${subresource}`
      const path = (await mustLocate(ref, signal)) + place + query({ fieldManager: 'devk', fieldValidation: 'Strict' })
      const contentType = 'application/merge-patch+json'
      return object('PATCH', path, ref, await http.request({ method: 'PATCH', path, body, contentType, signal }))
    },
    async delete(ref, { uid, propagation, signal }) {
      const path = await locate(ref, signal)
      if (!path) return
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid }, propagationPolicy: propagation }
      const answer = await http.request({ method: 'DELETE', path, body, signal })
      if (answer.status === 404 || answer.status === 202) return
      // The precondition failed: the object no longer exists, and another one has its name.
      if (answer.status === 409 && (await get(ref, signal))?.metadata.uid !== uid) return
      object('DELETE', path, ref, answer)
    },
    watch: (kind, options, onEvent) =>
      watchKind(
        {
          async path(signal) {
            const resource = await find(kind, signal)
            return resource && collection(resource, options.namespace)
          },
          async list(path) {
            const answer = await http.request({
              method: 'GET',
              path: path + query(selectors(options)),
              signal: options.signal,
            })
            return itemsOf(kind, path, answer)
          },
          open: (path, parameters, signal) =>
            http.open({ method: 'GET', path: path + query({ ...selectors(options), ...parameters }), signal }),
        },
        options.signal,
        onEvent,
      ),
  }
}

interface Page {
  readonly items: KubeObject[]
  readonly resourceVersion: string
}

/** The server omits apiVersion and kind of the items of a list. */
function itemsOf(kind: KindRef, path: string, answer: Answer): Page {
  if (answer.status !== 200) throw apiFailure({ method: 'GET', path }, answer.status, answer.body)
  const { items, metadata } = answer.body as { items: KubeObject[] | null; metadata: { resourceVersion: string } }
  const { apiVersion, kind: name } = kind
  return {
    items: (items ?? []).map((item) => ({ ...item, apiVersion, kind: name })),
    resourceVersion: metadata.resourceVersion,
  }
}

function collection(resource: Resource, namespace: string | undefined): string {
  const scope = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${apiRoot(resource.apiVersion)}${scope}/${resource.plural}`
}

function selectors(options: { labels?: string; fields?: string }): Record<string, string | undefined> {
  return { labelSelector: options.labels, fieldSelector: options.fields }
}

function query(parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length > 0 ? `?${new URLSearchParams(given)}` : ''
}
