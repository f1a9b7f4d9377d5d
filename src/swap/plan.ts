import type { KubeObject } from '../kube/api.ts'
import { labels } from '../lib/keys.ts'
import { recordOf } from '../lib/record.ts'
import { selectorOf } from '../manifests/service.ts'
import { keptOf, markedAs, noteOn, requireApplied } from '../stack/passing.ts'
import { type Plan, updateOf } from '../stack/plan.ts'

/** The address on each node that swapped Services lead to. The same value is in agent/main.go. */
const swapAddress = '198.18.68.75'

/** What a swap has written on a Service. */
interface Note {
  readonly session: string
  /** The Service as devk had applied it. */
  readonly before: KubeObject
}

/** A port of a Service, and the port at `swapAddress` on the nodes that it is led to. */
export interface LedPort {
  /** As in the Service; '' if it has none. */
  readonly name: string
  readonly nodePort: number
}

/** A swap of a Service. */
export interface Swap {
  /** A random name of it. */
  readonly session: string
  readonly project: string
  readonly ports: readonly LedPort[]
  /** The node, if the cluster has only one. Traffic policies such as `Local` need it. */
  readonly nodeName: string | undefined
}

/**
 * The plan that leads a Service to this machine: an EndpointSlice with `swapAddress`, and a selector that no pod has.
 * The endpoints of the pods go with it, and nothing that others have made is deleted. Pure. Throws OBJECT_FOREIGN for a
 * Service that devk did not apply.
 */
export function planSwap(service: KubeObject, swap: Swap): Plan {
  const applied = requireApplied(service)
  // A swap that was left has kept what it found.
  const before = noteOf(service)?.before ?? applied
  const note: Note = { session: swap.session, before }
  const metadata = markedAs('swap', before, note)
  const spec = { ...(before.spec as object), selector: { ...selectorOf(before), [labels.swap]: swap.session } }
  return {
    actions: [updateOf(sliceOf(service, swap)), updateOf({ ...before, metadata, spec }, service.metadata.uid)],
  }
}

/** The reference to the EndpointSlice of a swap of this Service. Pure. */
export function sliceRef({ metadata: { name, namespace = 'default' } }: KubeObject) {
  return { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', name: `${name}-devk-swap`, namespace } as const
}

function sliceOf(service: KubeObject, { session, project, ports, nodeName }: Swap): KubeObject {
  const { apiVersion, kind, name, namespace } = sliceRef(service)
  const own = service.metadata
  const here = { addresses: [swapAddress], conditions: { ready: true } }
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      labels: {
        'kubernetes.io/service-name': own.name,
        'endpointslice.kubernetes.io/managed-by': 'devk',
        [labels.project]: project,
        [labels.swap]: session,
        // With a hash, the next `devk up` and `devk down` delete one that was left.
        [labels.hash]: 'swapped',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: own.name, uid: own.uid ?? '' }],
    },
    addressType: 'IPv4',
    endpoints: [nodeName === undefined ? here : { ...here, nodeName }],
    ports: ports.map((port) => ({ name: port.name, protocol: 'TCP', port: port.nodePort })),
  }
}

/** The plan that leads a Service back to its pods. Nothing if this session has not swapped it. Pure. */
export function planBack(service: KubeObject, session: string): Plan {
  const note = noteOf(service)
  const isOurs = note?.session === session
  return { actions: isOurs ? [updateOf(note.before, service.metadata.uid)] : [] }
}

/** The session that has swapped a Service; undefined if it leads to its pods. Pure. */
export function swappedBy(service: KubeObject): string | undefined {
  return noteOf(service)?.session
}

/** What a swap has written on a Service. Only a note about the same object counts. */
function noteOf(service: KubeObject): Note | undefined {
  const { session, before } = recordOf(noteOn(service, 'swap'))
  const kept = keptOf(before, service)
  return typeof session === 'string' && kept !== undefined ? { session, before: kept } : undefined
}
