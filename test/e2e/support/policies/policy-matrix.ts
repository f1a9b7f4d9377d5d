import type { Kube, KubeObject, PodRef, PodStreams } from '../../../../src/kube/api.ts'
import { waitUntil } from '../../../../src/lib/wait.ts'
import { execInPod } from '../pods/exec-in-pod.ts'
import { podOf } from '../pods/pods.ts'
import type { TestCluster } from '../test-cluster.ts'
import { echoPorts, probePorts } from './port-programs.ts'

/** A pod of the matrix. */
export interface MatrixPod extends PodRef {
  readonly ip: string
}

/** Whether a pod may reach a port of another one, such as `80/tcp`. */
export type Allows = (from: MatrixPod, to: MatrixPod, port: string) => boolean

/**
 * The pods a, b and c in each of the namespaces x, y and z, as in the network policy tests of Kubernetes.
 * Services lead to the pods b and c of namespace y.
 */
export interface PolicyMatrix {
  pod(namespace: string, name: string): MatrixPod
  /** Runs a Perl program in a pod and gives its output; throws when it fails. */
  perl(from: MatrixPod, program: string, args: readonly string[]): Promise<string>
  /** The targets, each as `address:port/protocol`, that a pod reaches. */
  reached(from: MatrixPod, targets: readonly string[]): Promise<string[]>
  /** Waits until a pod reaches a target, or no longer reaches it. */
  waitFor(state: 'open' | 'closed', from: MatrixPod, target: string): Promise<void>
  /** Waits until each pod reaches exactly the ports of all pods that it may reach: 324 probes. */
  waitForExactly(allows: Allows): Promise<void>
}

const namespaces = ['x', 'y', 'z']
const ports = ['80/tcp', '81/tcp', '80/udp', '81/udp']

/**
 * Creates the matrix on a cluster of two nodes and waits until its pods run.
 * The pods of x run on the control plane, those of y and z on the worker.
 */
export async function createPolicyMatrix(
  cluster: TestCluster,
  { kube, streams }: { kube: Kube; streams: PodStreams },
  signal: AbortSignal,
): Promise<PolicyMatrix> {
  const spaces = namespaces.map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { name } },
  }))
  await cluster.apply(...spaces)
  const names = ['a', 'b', 'c']
  await cluster.apply(...namespaces.flatMap((namespace) => names.map((name) => matrixPod(cluster, namespace, name))))
  await cluster.apply(service('y', 'b'), service('y', 'c'))
  const pods = await runningPods(kube, signal)

  const perl: PolicyMatrix['perl'] = async (from, program, args) => {
    const { code, out, err } = await execInPod(streams, from, ['perl', '-e', program, ...args], { signal })
    if (code !== 0) throw new Error(`perl in ${from.namespace}/${from.name} exited with ${code}: ${err}`)
    return out
  }
  const reached: PolicyMatrix['reached'] = async (from, targets) =>
    (await perl(from, probePorts, ['2', ...targets])).split('\n').filter((line) => line !== '')
  const wrongFrom = async (from: MatrixPod, allows: Allows): Promise<string[]> => {
    const targets = pods.flatMap((to) => ports.map((port) => ({ to, port, target: `${to.ip}:${port}` })))
    const all = targets.map(({ target }) => target)
    const open = new Set(await reached(from, all))
    return targets.flatMap(({ to, port, target }) => {
      const expected = (from.namespace === to.namespace && from.name === to.name) || allows(from, to, port)
      const path = `${from.namespace}/${from.name} → ${to.namespace}/${to.name} ${port}`
      return open.has(target) === expected ? [] : [`${path} is ${expected ? 'denied' : 'open'}`]
    })
  }
  return {
    pod(namespace, name) {
      const found = pods.find((each) => each.namespace === namespace && each.name === name)
      if (!found) throw new Error(`no pod ${namespace}/${name}`)
      return found
    },
    perl,
    reached,
    async waitFor(state, from, target) {
      const count = state === 'open' ? 1 : 0
      const check = async () => ((await reached(from, [target])).length === count ? undefined : `it is not ${state}`)
      await waitUntil(check, { what: target, timeoutMs: 30_000, signal })
    },
    async waitForExactly(allows) {
      const wrong = async () => {
        const list = (await Promise.all(pods.map((from) => wrongFrom(from, allows)))).flat()
        return list.length === 0 ? undefined : `${list.length} wrong: ${list.slice(0, 5).join('; ')}`
      }
      await waitUntil(wrong, { what: 'the matrix', timeoutMs: 60_000, signal })
    },
  }
}

/** The manifest of a pod of the matrix. */
export function matrixPod(cluster: TestCluster, namespace: string, name: string): KubeObject {
  return podOf({
    name,
    namespace,
    labels: { pod: name, matrix: 'yes' },
    container: {
      command: ['perl', '-e', echoPorts],
      ports: [{ name: 'web', containerPort: 80 }],
      readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 5 },
    },
    spec: { nodeName: `${cluster.name}-${namespace === 'x' ? 'control-plane' : 'worker'}` },
  })
}

function service(namespace: string, name: string): KubeObject {
  const spec = { selector: { pod: name }, ports: [{ port: 8080, targetPort: 80 }] }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec }
}

/** Waits until the nine pods of the matrix run. */
async function runningPods(kube: Kube, signal: AbortSignal): Promise<MatrixPod[]> {
  let pods: MatrixPod[] = []
  await waitUntil(
    async () => {
      const listed = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { labels: 'matrix=yes', signal })
      pods = listed.flatMap(({ metadata, status }) => {
        const { podIP, phase } = status as { podIP?: string; phase: string }
        return podIP && phase === 'Running'
          ? [{ namespace: metadata.namespace ?? '', name: metadata.name, ip: podIP }]
          : []
      })
      return pods.length === 9 ? undefined : `${pods.length} of 9 pods run`
    },
    { what: 'the matrix', timeoutMs: 180_000, signal },
  )
  return pods
}
