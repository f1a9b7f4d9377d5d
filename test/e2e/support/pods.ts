import type { Kube, KubeObject, ObjectRef } from '../../../src/kube/api.ts'
import type { Pod } from '../../../src/kube/pod.ts'
import { waitUntil } from '../../../src/lib/wait.ts'
import { docker } from './engine.ts'
import { eventually } from './eventually.ts'

/** The Debian of the kit: a shell and Perl. */
export const debian = 'kit/debian:bookworm'

export interface PodParts {
  readonly name: string
  /** `default` when not given. */
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  /** Of its one container `main`, which is Debian unless it names an image. */
  readonly container: object
  readonly spec?: object
}

/** A pod that ends at once when it is deleted. Its image must be on its node. */
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

/** Applies a pod of namespace default and gives it back once it runs. */
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

export interface PodToRun {
  readonly name: string
  /** Labels of its node. */
  readonly on: Readonly<Record<string, string>>
  /** What it requests. */
  readonly memory: string
  readonly command: readonly string[]
}

/** Creates a pod by the kubectl of a control-plane node and gives it back as it is once `until` holds. The image must be on its node. */
export async function runPod(plane: string, pod: PodToRun, until: (pod: Pod) => boolean): Promise<Pod> {
  const resources = { requests: { memory: pod.memory } }
  const object = podOf({
    name: pod.name,
    container: { image: 'busybox:1.37', command: pod.command, resources },
    spec: { nodeSelector: pod.on, restartPolicy: 'Never' },
  })
  const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf'
  await docker('exec', plane, 'sh', '-c', `${kubectl} apply -f - <<'END'\n${JSON.stringify(object)}\nEND`)
  let last = ''
  return eventually(`what is expected of pod ${pod.name}`, 120, async () => {
    last = await docker('exec', plane, 'sh', '-c', `${kubectl} get pod ${pod.name} -o json`)
    const found = JSON.parse(last) as Pod
    return until(found) ? found : undefined
  }).catch((cause: unknown) => {
    throw new Error(last, { cause })
  })
}
