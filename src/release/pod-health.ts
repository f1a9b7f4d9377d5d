import { type Kube, type KubeObject, nameOf, type PodStreams } from '../kube/api.ts'
import { explainPod } from '../kube/explain.ts'
import { conditionOf, type Pod } from '../kube/pod.ts'
import { podsOf } from '../stack/ready/assess.ts'
import { askPod, requestFor } from './ask-pod.ts'

/** Workloads to check, and the request that their pods must answer. */
export interface Watched {
  readonly workloads: readonly KubeObject[]
  /** The target port of the Service. */
  readonly port: number | string | undefined
  /** Path of the request; undefined for that of the pod's own probe. */
  readonly path: string | undefined
}

interface Deps {
  readonly kube: Kube
  readonly streams: Pick<PodStreams, 'connect'>
  readonly signal: AbortSignal
}

/**
 * Sends each pod one request. Returns the first pod that is not ready or does not answer, with the reason; undefined if
 * there is none.
 */
export async function podTrouble(watched: Watched, { kube, streams, signal }: Deps): Promise<string | undefined> {
  const namespace = watched.workloads[0]?.metadata.namespace ?? 'default'
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, signal })) as Pod[]
  const found = await Promise.all(
    watched.workloads.map(async (workload) => {
      const own = podsOf(workload, pods)
      if (own.length === 0) return `${nameOf(workload)} has no pod`
      const answers = await Promise.all(own.map((pod) => troubleOf(pod, watched, streams, signal)))
      return answers.find((answer) => answer !== undefined)
    }),
  )
  return found.find((trouble) => trouble !== undefined)
}

async function troubleOf(
  pod: Pod,
  { port, path }: Watched,
  streams: Pick<PodStreams, 'connect'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { name, namespace = 'default' } = pod.metadata
  if (conditionOf(pod, 'Ready')?.status !== 'True') {
    const words = explainPod({ pod, events: [] })
    return `pod ${name} is not ready${words === undefined ? '' : `: ${words}`}`
  }
  const request = requestFor(pod, port, path)
  if (request === undefined) return undefined
  const trouble = await askPod(streams, { namespace, name }, request, signal)
  return trouble && `pod ${name}: ${trouble}`
}
