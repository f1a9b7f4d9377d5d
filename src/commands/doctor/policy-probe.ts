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

export interface ProbeDeps {
  readonly kube: Kube
  readonly streams: PodStreams
}

const startMs = 60_000
/** Networks promise "eventually"; those that enforce need a second or two. */
const denyMs = 20_000
const cleanupMs = 20_000

/**
 * Tries on a running cluster whether NetworkPolicies are enforced: two pods of the cluster's own CoreDNS image, of which one asks the
 * other, first without a policy, then with one that denies it. Everything is in one namespace, which is removed at the end; nothing
 * has to be pulled. Throws KUBE_API, CLUSTER_FOREIGN when the namespace is somebody else's, and the signal's reason.
 */
export async function probePolicies(deps: ProbeDeps, signal: AbortSignal): Promise<PolicyFact> {
  const place = await nameServer(deps.kube, signal)
  if (place === undefined) return { state: 'unknown', reason: 'no CoreDNS runs in kube-system, whose image it needs' }
  await removeSpace(deps.kube, signal)
  try {
    return await tryDenial(deps, place, signal)
  } catch (error) {
    if (!(error instanceof DevkError) || error.code !== 'NOT_READY') throw error
    return { state: 'unknown', reason: error.message }
  } finally {
    // The user's signal may be aborted by now; what was made still has to go.
    await removeSpace(deps.kube, AbortSignal.timeout(cleanupMs))
  }
}

type Place = Pick<ProbePod, 'image' | 'node'>

/** Image and node of a CoreDNS that runs. */
async function nameServer(kube: Kube, signal: AbortSignal): Promise<Place | undefined> {
  const options = { namespace: 'kube-system', labels: 'k8s-app=kube-dns', signal }
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, options)) as Pod[]
  for (const { spec, status } of pods) {
    const image = spec?.containers?.map((container) => container.image).find((name) => name?.includes('coredns'))
    if (image && spec?.nodeName && status?.phase === 'Running') return { image, node: spec.nodeName }
  }
  return undefined
}

async function tryDenial(deps: ProbeDeps, place: Place, signal: AbortSignal): Promise<PolicyFact> {
  const { kube } = deps
  const apply = async (objects: readonly Parameters<Kube['apply']>[0][]) => {
    for (const object of objects) await kube.apply(object, { force: true, signal })
  }
  await apply([probeSpace(), ...probePod({ ...place, name: 'server', settings: serverSettings })])
  const server = await addressOf(kube, 'server', signal)
  await apply(probePod({ ...place, name: 'client', settings: clientSettings(server) }))
  await addressOf(kube, 'client', signal)
  const asked = async () => ((await answer(deps, signal)) === 0 ? undefined : 'one pod does not reach the other')
  await waitUntil(asked, { what: 'The first connection', timeoutMs: startMs, signal })
  await apply([denial()])
  // The client's own word that it got no answer (SERVFAIL); silence could have other reasons.
  const refused = async () => ((await answer(deps, signal)) === 2 ? undefined : 'still connected')
  return waitUntil(refused, { what: 'The denial', timeoutMs: denyMs, signal }).then(
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

/** What the client says when it is asked; undefined when it cannot be reached. */
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
    // Not listening yet, or slow: the deadline of the caller counts.
    signal.throwIfAborted()
    return undefined
  }
}

async function removeSpace(kube: Kube, signal: AbortSignal): Promise<void> {
  const found = await kube.get(probeRef, signal)
  if (found?.metadata.uid === undefined) return
  if (!isProbeSpace(found)) {
    throw new DevkError('CLUSTER_FOREIGN', `The namespace ${probeNamespace} is not devk's`, {
      hint: 'devk doctor tries network policies in a namespace of that name; rename yours.',
    })
  }
  await kube.delete(probeRef, { uid: found.metadata.uid, propagation: 'Background', signal })
  const check = async () => ((await kube.get(probeRef, signal)) ? 'it is still there' : undefined)
  await waitUntil(check, { what: `The end of Namespace ${probeNamespace}`, timeoutMs: cleanupMs, signal })
}
