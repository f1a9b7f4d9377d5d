import { DevkError } from '../../errors.ts'
import type { PolicyFact } from '../../host/policy-check.ts'
import type { Kube, PodStreams } from '../../kube/api.ts'
import type { Pod } from '../../kube/pod.ts'
import { waitUntil } from '../../lib/wait.ts'
import { askNameServer } from './dns-question.ts'
import {
  clientSettings,
  denial,
  isProbeSpace,
  type ProbePod,
  probeNamespace,
  probePod,
  probePort,
  probeRef,
  probeSpace,
  serverSettings,
} from './policy-probe-objects.ts'

/** A connection to the cluster that is tested. */
export interface ProbeDeps {
  readonly kube: Kube
  readonly streams: PodStreams
}

const startMs = 60_000
/**
 * A network that enforces policies applies a new one within a second or two; Kubernetes guarantees only "eventually".
 */
const denyMs = 20_000
const cleanupMs = 20_000

/**
 * Tests whether a running cluster enforces NetworkPolicies. It runs two pods with the CoreDNS image of the cluster, so
 * nothing is pulled. One pod queries the other, first without a policy, then with a policy that denies it. All objects
 * are in one namespace, which is deleted at the end. Throws KUBE_API, CLUSTER_FOREIGN if the namespace belongs to
 * someone else, and the signal's reason.
 */
export async function probePolicies(deps: ProbeDeps, signal: AbortSignal): Promise<PolicyFact> {
  const place = await nameServer(deps.kube, signal)
  if (place === undefined)
    return { state: 'unknown', reason: 'the test needs the image of CoreDNS, and CoreDNS does not run in kube-system' }
  await removeSpace(deps.kube, signal)
  try {
    return await testDenial(deps, place, signal)
  } catch (error) {
    if (!(error instanceof DevkError) || error.code !== 'NOT_READY') throw error
    return { state: 'unknown', reason: error.message }
  } finally {
    // Clean up even if the user's signal is aborted by now.
    await removeSpace(deps.kube, AbortSignal.timeout(cleanupMs))
  }
}

type Place = Pick<ProbePod, 'image' | 'node'>

/** Image and node of a running CoreDNS pod. */
async function nameServer(kube: Kube, signal: AbortSignal): Promise<Place | undefined> {
  const options = { namespace: 'kube-system', labels: 'k8s-app=kube-dns', signal }
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, options)) as Pod[]
  for (const { spec, status } of pods) {
    const image = spec?.containers?.map((container) => container.image).find((name) => name?.includes('coredns'))
    if (image && spec?.nodeName && status?.phase === 'Running') return { image, node: spec.nodeName }
  }
  return undefined
}

async function testDenial(deps: ProbeDeps, place: Place, signal: AbortSignal): Promise<PolicyFact> {
  const { kube } = deps
  const apply = async (objects: readonly Parameters<Kube['apply']>[0][]) => {
    for (const object of objects) await kube.apply(object, { force: true, signal })
  }
  await apply([probeSpace(), ...probePod({ ...place, name: 'server', settings: serverSettings })])
  const server = await addressOf(kube, 'server', signal)
  await apply(probePod({ ...place, name: 'client', settings: clientSettings(server) }))
  await addressOf(kube, 'client', signal)
  const asked = async () => ((await answer(deps, signal)) === 0 ? undefined : 'one pod cannot reach the other')
  await waitUntil(asked, { what: 'The connection between the two pods', timeoutMs: startMs, signal })
  await apply([denial()])
  // SERVFAIL means that the client got no response from the server. No response of the client could have other reasons.
  const refused = async () => ((await answer(deps, signal)) === 2 ? undefined : 'still connected')
  return waitUntil(refused, { what: 'The network policy', timeoutMs: denyMs, signal }).then(
    () => ({ state: 'enforced' }),
    (error: unknown) => {
      if (error instanceof DevkError && error.code === 'NOT_READY') return { state: 'ignored' }
      throw error
    },
  )
}

async function addressOf(kube: Kube, name: string, signal: AbortSignal): Promise<string> {
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: probeNamespace, name }
  let address = ''
  const check = async () => {
    const { phase, podIP } = ((await kube.get(ref, signal)) as Pod | undefined)?.status ?? {}
    address = typeof podIP === 'string' ? podIP : ''
    return phase === 'Running' && address !== '' ? undefined : `phase ${phase ?? 'unknown'}`
  }
  await waitUntil(check, { what: `Pod ${probeNamespace}/${name}`, timeoutMs: startMs, signal })
  return address
}

/** The response code that the client returns; undefined if the client cannot be reached. */
async function answer({ streams }: ProbeDeps, signal: AbortSignal): Promise<number | undefined> {
  const once = AbortSignal.any([signal, AbortSignal.timeout(10_000)])
  try {
    const stream = await streams.connect({ namespace: probeNamespace, name: 'client' }, probePort, once)
    try {
      return await askNameServer(stream, 'devk.test')
    } finally {
      stream.destroy()
    }
  } catch {
    // The client does not listen yet or is slow. The caller has a deadline.
    signal.throwIfAborted()
    return undefined
  }
}

async function removeSpace(kube: Kube, signal: AbortSignal): Promise<void> {
  const found = await kube.get(probeRef, signal)
  if (found?.metadata.uid === undefined) return
  if (!isProbeSpace(found)) {
    throw new DevkError('CLUSTER_FOREIGN', `The namespace ${probeNamespace} was not created by devk`, {
      hint: 'devk doctor tests network policies in a namespace of that name. Rename yours.',
    })
  }
  await kube.delete(probeRef, { uid: found.metadata.uid, propagation: 'Background', signal })
  const check = async () => ((await kube.get(probeRef, signal)) ? 'it still exists' : undefined)
  await waitUntil(check, { what: `The deletion of Namespace ${probeNamespace}`, timeoutMs: cleanupMs, signal })
}
