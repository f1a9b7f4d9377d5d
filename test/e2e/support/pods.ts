import type { Pod } from '../../../src/kube/pod.ts'
import { docker } from './engine.ts'
import { eventually } from './eventually.ts'

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
  const main = { name: 'main', image: 'busybox:1.37', imagePullPolicy: 'Never', command: pod.command, resources }
  const spec = { nodeSelector: pod.on, restartPolicy: 'Never', containers: [main] }
  const object = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: pod.name }, spec })
  const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf'
  await docker('exec', plane, 'sh', '-c', `${kubectl} apply -f - <<'END'\n${object}\nEND`)
  let last = ''
  return eventually(`what is expected of pod ${pod.name}`, 120, async () => {
    last = await docker('exec', plane, 'sh', '-c', `${kubectl} get pod ${pod.name} -o json`)
    const found = JSON.parse(last) as Pod
    return until(found) ? found : undefined
  }).catch((cause: unknown) => {
    throw new Error(last, { cause })
  })
}
