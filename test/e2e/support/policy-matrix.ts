import type { Kube, KubeObject, PodRef, PodStreams } from '../../../src/kube/api.ts'
import { waitUntil } from '../../../src/lib/wait.ts'
import type { TestCluster } from './cluster.ts'
import { execIn } from './exec.ts'
import { podOf } from './pods.ts'
import { reachProbe, reachServer } from './reach.ts'

export interface End extends PodRef {
  readonly ip: string
}

/** Whether a pod may reach this port of another, as `80/tcp`. */
export type Allows = (from: End, to: End, port: string) => boolean

/** Pods a, b and c in each of the namespaces x, y and z, as the upstream tests have it; Services lead to y's b and c. */
export interface Matrix {
  end(namespace: string, name: string): End
  /** Runs a Perl program in a pod and gives its output; throws when it fails. */
  perl(from: End, program: string, args: readonly string[]): Promise<string>
  /** Those of the targets, each `address:port/protocol`, that answer a pod. */
  reached(from: End, targets: readonly string[]): Promise<string[]>
  /** Waits until a target is open, or no longer open, to a pod. */
  becomes(state: 'open' | 'closed', from: End, target: string): Promise<void>
  /** Waits until each pod reaches just what it may of all pods, ports and protocols: 324 probes. */
  is(allows: Allows): Promise<void>
}

const namespaces = ['x', 'y', 'z']
const ports = ['80/tcp', '81/tcp', '80/udp', '81/udp']

/** Makes the matrix on a cluster of two nodes and waits until its pods run: x on the control plane, y and z on the worker. */
export async function policyMatrix(
  cluster: TestCluster,
  { kube, streams }: { kube: Kube; streams: PodStreams },
  signal: AbortSignal,
): Promise<Matrix> {
  const spaces = namespaces.map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { name } },
  }))
  await cluster.apply(...spaces)
  const names = ['a', 'b', 'c']
  await cluster.apply(...namespaces.flatMap((namespace) => names.map((name) => server(cluster, namespace, name))))
  await cluster.apply(service('y', 'b'), service('y', 'c'))
  const ends = await addresses(kube, signal)

  const perl: Matrix['perl'] = async (from, program, args) => {
    const { code, out, err } = await execIn(streams, from, ['perl', '-e', program, ...args], { signal })
    if (code !== 0) throw new Error(`perl in ${from.namespace}/${from.name} exited with ${code}: ${err}`)
    return out
  }
  const reached: Matrix['reached'] = async (from, targets) =>
    (await perl(from, reachProbe, ['2', ...targets])).split('\n').filter((line) => line !== '')
  const wrongFrom = async (from: End, allows: Allows): Promise<string[]> => {
    const targets = ends.flatMap((to) => ports.map((port) => ({ to, port, target: `${to.ip}:${port}` })))
    const all = targets.map(({ target }) => target)
    const open = new Set(await reached(from, all))
    return targets.flatMap(({ to, port, target }) => {
      const expected = (from.namespace === to.namespace && from.name === to.name) || allows(from, to, port)
      const path = `${from.namespace}/${from.name} → ${to.namespace}/${to.name} ${port}`
      return open.has(target) === expected ? [] : [`${path} is ${expected ? 'denied' : 'open'}`]
    })
  }
  return {
    end(namespace, name) {
      const found = ends.find((each) => each.namespace === namespace && each.name === name)
      if (!found) throw new Error(`no pod ${namespace}/${name}`)
      return found
    },
    perl,
    reached,
    async becomes(state, from, target) {
      const count = state === 'open' ? 1 : 0
      const check = async () => ((await reached(from, [target])).length === count ? undefined : `it is not ${state}`)
      await waitUntil(check, { what: target, timeoutMs: 30_000, signal })
    },
    async is(allows) {
      const wrong = async () => {
        const list = (await Promise.all(ends.map((from) => wrongFrom(from, allows)))).flat()
        return list.length === 0 ? undefined : `${list.length} wrong: ${list.slice(0, 5).join('; ')}`
      }
      await waitUntil(wrong, { what: 'the matrix', timeoutMs: 60_000, signal })
    },
  }
}

/** A pod of the matrix. */
export function server(cluster: TestCluster, namespace: string, name: string): KubeObject {
  return podOf({
    name,
    namespace,
    labels: { pod: name, matrix: 'yes' },
    container: {
      command: ['perl', '-e', reachServer],
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

async function addresses(kube: Kube, signal: AbortSignal): Promise<End[]> {
  let ends: End[] = []
  await waitUntil(
    async () => {
      const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { labels: 'matrix=yes', signal })
      ends = pods.flatMap(({ metadata, status }) => {
        const { podIP, phase } = status as { podIP?: string; phase: string }
        return podIP && phase === 'Running'
          ? [{ namespace: metadata.namespace ?? '', name: metadata.name, ip: podIP }]
          : []
      })
      return ends.length === 9 ? undefined : `${ends.length} of 9 pods run`
    },
    { what: 'the matrix', timeoutMs: 180_000, signal },
  )
  return ends
}
