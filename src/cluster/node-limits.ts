import { DevkError } from '../errors.ts'
import { bytesOf, milliCpuOf } from '../lib/quantity.ts'
import { waitUntil } from '../lib/wait.ts'
import { type NodeRunOptions, nodeKubectl } from './node-kubectl.ts'
import { type Capacity, containerLimits, sizeDrift, withReservation } from './node-size.ts'
import type { ClusterEngine } from './nodes.ts'
import type { NodeSize, NodeSpec } from './provider.ts'

/** Configuration of the kubelet, which kubeadm writes for kind and Minikube. */
const kubeletConfig = '/var/lib/kubelet/config.yaml'

interface Facts {
  readonly capacity?: Readonly<Record<string, string>>
  readonly allocatable?: Readonly<Record<string, string>>
}

/**
 * Limits running nodes to their sizes: sets a limit on each container, and makes each kubelet offer no more to pods.
 * kubeadm cannot do this, since all workers share one configuration. Waits until the nodes report these sizes. Safe to
 * repeat; call it after each start, since the machine may have changed. Throws CLUSTER_FAILED, NOT_READY.
 */
export async function limitNodes(
  engine: ClusterEngine,
  nodes: readonly NodeSpec[],
  names: readonly string[],
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const sized = nodes.flatMap(({ size }, index) => (size === undefined ? [] : [{ name: names[index] ?? '', size }]))
  if (sized.length === 0) return
  const { signal } = options
  const [first = ''] = names
  const facts = await nodeFacts(engine, first, signal)
  await Promise.all(sized.map((node) => limit(engine, node, facts.get(node.name), signal)))
  const check = async () => {
    try {
      const reported = await nodeFacts(engine, first, signal)
      const drifts = sized.map(({ name, size }) => [name, sizeDrift(size, reported.get(name)?.allocatable ?? {})])
      return drifts.find(([, drift]) => drift !== undefined)?.join(' ')
    } catch (error) {
      // The API server of a control plane may not respond while its kubelet restarts.
      if (error instanceof DevkError && error.code === 'CLUSTER_FAILED') return error.message
      throw error
    }
  }
  await waitUntil(check, { what: 'The size of the nodes', intervalMs: 500, ...options })
}

async function limit(
  engine: ClusterEngine,
  { name, size }: { readonly name: string; readonly size: NodeSize },
  facts: Facts | undefined,
  signal: AbortSignal,
): Promise<void> {
  const before = await inNode(engine, name, ['cat', kubeletConfig], { signal })
  const after = withReservation(before, size, capacityOf(facts?.capacity ?? {}))
  if (after.trimEnd() !== before.trimEnd()) {
    await inNode(engine, name, ['tee', kubeletConfig], { signal, stdin: after })
    await inNode(engine, name, ['systemctl', 'restart', 'kubelet'], { signal })
  }
  await engine.containers.limit(name, containerLimits(size), signal)
}

/** Huge pages are not available as memory, although the capacity that a kubelet reports includes them. */
function capacityOf({ cpu = '0', memory = '0', ...others }: Readonly<Record<string, string>>): Capacity {
  const huge = Object.entries(others).filter(([name]) => name.startsWith('hugepages-'))
  const reserved = huge.reduce((sum, [, amount]) => sum + bytesOf(amount), 0)
  return { cpu: milliCpuOf(cpu), memory: bytesOf(memory) - reserved }
}

async function nodeFacts(engine: ClusterEngine, node: string, signal: AbortSignal): Promise<Map<string, Facts>> {
  const text = await nodeKubectl(engine, node, ['get', 'nodes', '-o', 'json'], { signal })
  const { items } = JSON.parse(text) as { items: { metadata: { name: string }; status?: Facts }[] }
  return new Map(items.map(({ metadata, status }) => [metadata.name, status ?? {}]))
}

/** Runs a command in a node and returns its output. Throws CLUSTER_FAILED with its error output. */
async function inNode(
  engine: ClusterEngine,
  node: string,
  argv: readonly string[],
  { signal, ...input }: NodeRunOptions,
): Promise<string> {
  const result = await engine.exec.run(node, argv, input, signal)
  if (result.exitCode === 0) return result.stdout
  const [program] = argv
  throw new DevkError('CLUSTER_FAILED', `${program} failed in ${node}: ${result.stderr.trim() || result.exitCode}`)
}
