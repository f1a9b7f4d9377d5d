import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, nameOf, type ObjectRef } from '../kube/api.ts'
import { servedPods } from '../kube/endpoints.ts'
import { labels } from '../lib/keys.ts'
import { messageOf } from '../lib/text.ts'
import { applyPlan } from '../stack/apply.ts'
import { readInventory, saveInventory, withKinds } from '../stack/inventory.ts'
import { deletionOf } from '../stack/plan.ts'
import { type ListenOptions, listenOnNodes } from './listen.ts'
import { planBack, planSwap, sliceRef, swappedBy } from './plan.ts'
import type { SwapPort } from './ports.ts'
import { type RestorerOptions, startRestorer } from './restorer.ts'

/** A Service that is to be led to this machine, and what that needs. */
export interface SwapDeps extends Omit<ListenOptions, 'name'>, Pick<RestorerOptions, 'plane' | 'kubectl'> {
  readonly kube: Kube
  readonly project: string
  readonly service: { readonly namespace: string; readonly name: string }
  readonly ports: readonly SwapPort[]
}

/** A prepared swap. The Service leads to its pods until `lead`. */
export interface SwapSession {
  /**
   * Leads the Service to this machine, and again when a deployment has led it back. Throws OBJECT_FOREIGN, USAGE and
   * KUBE_API.
   */
  lead(): Promise<void>
  /** Resolves with the reason when the Service is gone, or another swap has taken it. */
  readonly lost: Promise<string>
  /**
   * Leads the Service back to its pods. With `waits`, the program here still answers, so that devk waits for the
   * endpoints of pods for a moment. Returns what could not be done, in sentences.
   */
  end(waits: boolean, signal: AbortSignal): Promise<string[]>
}

/** How long to wait for endpoints of pods (ms). devk ends two seconds after Ctrl-C. */
const endpointsMs = 600
const pollMs = 50

/**
 * Prepares a swap: every node listens, and an agent on the control plane is ready to lead the Service back when devk is
 * gone. Changes no object. Both end with the signal. Throws NODE_AGENT, NOT_READY and the reason of the signal.
 */
export async function prepareSwap(deps: SwapDeps, signal: AbortSignal): Promise<SwapSession> {
  const { kube, project, service: name } = deps
  const session = randomBytes(8).toString('hex')
  const [restorer, ports] = await Promise.all([
    startRestorer({ ...deps, session }, signal),
    listenOnNodes({ ...deps, name: `${name.namespace}/${name.name}` }, deps.ports, signal),
  ])
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'Service', ...name }
  const lost = Promise.withResolvers<string>()
  const over = new AbortController()

  const lead = async () => {
    const service = await kube.get(ref, signal)
    if (service === undefined) throw new DevkError('USAGE', `${nameOf(ref)} does not exist`)
    const nodeName = deps.nodes.length === 1 ? deps.nodes[0] : undefined
    const plan = planSwap(service, { session, project, ports, nodeName })
    const slice = sliceRef(service)
    const before = await kube.get(slice, signal)
    if (before !== undefined && before.metadata.labels?.[labels.swap] === undefined) {
      throw new DevkError('OBJECT_FOREIGN', `${nameOf(slice)} exists, and devk did not make it`)
    }
    // Before the first object of the kind: `devk up` and `devk down` look for leftovers by it.
    const inventory = withKinds(await readInventory(kube, project, signal), [{ ...slice, metadata: slice }])
    await saveInventory(kube, project, inventory, signal)
    await applyPlan(plan, { kube, signal, patienceMs: 0 })
    return service
  }
  const leadBack = async (waits: boolean, until: AbortSignal) => {
    const applying = { kube, signal: until, patienceMs: 0 }
    const service = await kube.get(ref, until)
    if (service === undefined) return
    const plan = planBack(service, session)
    await applyPlan(plan, applying)
    if (waits && plan.actions.length > 0) await untilPods(kube, name, until)
    const slice = await kube.get(sliceRef(service), until)
    if (slice?.metadata.labels?.[labels.swap] === session) await applyPlan({ actions: [deletionOf(slice)] }, applying)
  }
  let busy: Promise<unknown> = Promise.resolve()
  let isAgain = false
  const again = () => {
    if (isAgain) return
    isAgain = true
    const once = async () => {
      isAgain = false
      if (!over.signal.aborted) await lead()
    }
    busy = busy.then(once).catch((error: unknown) => lost.resolve(messageOf(error)))
  }
  const watch = ({ metadata: { uid } }: KubeObject) => {
    const look = (object: KubeObject | undefined) => {
      const by = object && swappedBy(object)
      if (object?.metadata.uid !== uid) lost.resolve(`${nameOf(ref)} was deleted`)
      else if (by === undefined) again()
      else if (by !== session) lost.resolve(`another devk swap has taken ${nameOf(ref)}`)
    }
    const { namespace } = name
    const either = AbortSignal.any([signal, over.signal])
    const selection = { namespace, fields: `metadata.name=${name.name}`, signal: either }
    void kube.watch({ apiVersion: 'v1', kind: 'Service' }, selection, (event) => {
      if (over.signal.aborted) return
      if (event.type === 'SYNCED') look(event.objects.find(({ metadata }) => metadata.name === name.name))
      else if (event.object.metadata.name === name.name) look(event.type === 'DELETED' ? undefined : event.object)
    })
    // A deployment deletes the endpoints last, when the Service may be led here again already.
    const own = { namespace, labels: `${labels.swap}=${session}`, signal: either }
    void kube.watch({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }, own, (event) => {
      if (event.type === 'DELETED' || (event.type === 'SYNCED' && event.objects.length === 0)) again()
    })
  }
  return {
    lost: lost.promise,
    async lead() {
      watch(await lead())
    },
    async end(waits, until) {
      over.abort()
      await busy
      try {
        await leadBack(waits, until)
        await restorer.disarm()
        return []
      } catch (error) {
        return [`${nameOf(ref)} could not be led back; its node does that, or else devk up: ${messageOf(error)}`]
      }
    },
  }
}

/** Waits until the Service has a pod, but not for long: it may have none that is ready. */
async function untilPods(kube: Kube, service: SwapDeps['service'], signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + endpointsMs
  while (performance.now() < deadline) {
    const pods = await servedPods(kube, service, signal)
    if (pods.some((pod) => pod !== undefined)) return
    await sleep(pollMs, undefined, { signal })
  }
}
