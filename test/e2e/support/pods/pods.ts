import type { Kube, KubeObject, ObjectRef } from '../../../../src/kube/api.ts'
import type { Pod } from '../../../../src/kube/pod.ts'
import { waitUntil } from '../../../../src/lib/wait.ts'
import { eventually } from '../eventually.ts'
import { applyIn, kubectlIn } from '../kubectl.ts'

/** The kit's Debian image, which has a shell and Perl. */
export const debian = 'kit/debian:bookworm'

export interface PodParts {
  readonly name: string
  /** Without it `default`. */
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  /** Fields of its only container `main`, whose image is Debian unless they set another. */
  readonly container: object
  /** More fields of the pod's spec. */
  readonly spec?: object
}

/** A pod without a grace period. Its image must exist on its node. */
export function podOf({ name, namespace = 'default', labels = {}, container, spec = {} }: PodParts): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { ...labels } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: debian, imagePullPolicy: 'Never', ...container }],
      ...spec,
    },
  }
}

const podRef = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name })

/** Applies a pod of namespace default and waits until it runs; gives the running pod. */
export async function startPod(kube: Kube, pod: KubeObject, signal: AbortSignal): Promise<KubeObject> {
  const { name } = pod.metadata
  await kube.apply(pod, { force: true, signal })
  let found: KubeObject | undefined
  await waitUntil(
    async () => {
      found = await kube.get(podRef(name), signal)
      const { phase } = (found?.status ?? {}) as { phase?: string }
      return phase === 'Running' ? undefined : `phase ${phase}`
    },
    { what: `Pod ${name}`, timeoutMs: 60_000, signal },
  )
  if (!found) throw new Error('unreachable')
  return found
}

/** Deletes a pod of namespace default and waits until it is gone. */
export async function deletePod(kube: Kube, name: string, signal: AbortSignal): Promise<void> {
  const found = await kube.get(podRef(name), signal)
  if (found?.metadata.uid) {
    await kube.delete(podRef(name), { uid: found.metadata.uid, propagation: 'Background', signal })
  }
  const check = async () => ((await kube.get(podRef(name), signal)) ? 'still there' : undefined)
  await waitUntil(check, { what: `the end of Pod ${name}`, timeoutMs: 60_000, signal })
}

/** A pod that a scheduler has to place. */
export interface PodToRun {
  readonly name: string
  /** Labels that its node must have. */
  readonly nodeLabels: Readonly<Record<string, string>>
  /** Memory that it requests. */
  readonly memory: string
  readonly command: readonly string[]
}

/** Creates a pod with the kubectl of a node and waits until `until` holds; gives the pod as it then is. */
export async function runPod(node: string, pod: PodToRun, until: (pod: Pod) => boolean): Promise<Pod> {
  const resources = { requests: { memory: pod.memory } }
  const object = podOf({
    name: pod.name,
    container: { image: 'busybox:1.37', command: pod.command, resources },
    spec: { nodeSelector: pod.nodeLabels, restartPolicy: 'Never' },
  })
  await applyIn(node, [object])
  let last = ''
  return eventually(`the expected state of pod ${pod.name}`, 120, async () => {
    last = await kubectlIn(node)('get', 'pod', pod.name, '-o', 'json')
    const found = JSON.parse(last) as Pod
    return until(found) ? found : undefined
  }).catch((cause: unknown) => {
    throw new Error(last, { cause })
  })
}
