import { DevkError } from '../errors.ts'
import { bytesOf, cpuQuantity, memoryQuantity, milliCpuOf } from '../lib/quantity.ts'
import type { ClusterSpec, NodeSize } from './provider.ts'

const Mi = 1024 ** 2
/** A kubelet that has less than this left for pods evicts some. It is kept back from them beside the reservation. */
const evictBelow = 100 * Mi
/** What the container of a node may use beyond its size: kubelet, containerd and systemd have to live, too. */
const daemons = 512 * Mi
/** What a control plane's own pods (API server, etcd, controllers) need to start and to stay. */
const leastPlane = { cpu: 1000, memory: 1536 * Mi } as const

/** What the kubelet takes a node to have. It reads that off the machine, also in a container that is limited. */
export interface Capacity {
  readonly cpu: number
  readonly memory: number
}

/** `2 CPU, 4Gi`. */
function sizeText({ cpu, memory }: NodeSize): string {
  const parts = [cpu === undefined ? '' : `${cpu / 1000} CPU`, memory === undefined ? '' : memoryQuantity(memory)]
  return parts.filter((part) => part !== '').join(', ')
}

/** Throws HOST_UNFIT for nodes that are larger than the machine, and for control planes that are too small to run. */
export function requireSizes({ nodes, name }: ClusterSpec, machine: Capacity): void {
  const problems = nodes.flatMap(({ role, size }, index): string[] => {
    if (size === undefined) return []
    const { cpu = 0, memory = 0 } = size
    const who = `${role} ${index + 1} (${sizeText(size)})`
    if (cpu > machine.cpu || memory > machine.memory - evictBelow) {
      const largest = { cpu: machine.cpu, memory: Math.floor((machine.memory - evictBelow) / Mi) * Mi }
      return [`${who} is larger than the machine: a node has room for ${sizeText(largest)}`]
    }
    const below = (key: 'cpu' | 'memory') => (size[key] ?? leastPlane[key]) < leastPlane[key]
    return role === 'control-plane' && (below('cpu') || below('memory'))
      ? [`${who} is too small: a control plane needs ${sizeText(leastPlane)}`]
      : []
  })
  if (problems.length === 0) return
  throw new DevkError('HOST_UNFIT', `The nodes of ${name} cannot have the sizes that the configuration asks for`, {
    details: [...problems, 'Nothing was changed.'],
    hint: 'Set cluster.nodeSize, or the size of the workers in cluster.workers, to what fits.',
  })
}

/** What the container of a node may use, so that a greedy pod is stopped by its node's limit and not by the machine's end. */
export function containerLimits({ cpu, memory }: NodeSize): NodeSize {
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory: memory + daemons }),
  }
}

/**
 * The kubelet's configuration with a reservation for all that the machine has beyond the node's size: what is left for pods is then the
 * size. Pods together are held to it by their control group, and evicted when they come near its end. `text` is what kubeadm
 * writes: block YAML with its keys sorted. Pure.
 */
export function withReservation(text: string, size: NodeSize, capacity: Capacity): string {
  const { blocks, rest } = takeOut(text, ['systemReserved', 'evictionHard'])
  const reserved = [
    ...(size.cpu === undefined ? [] : [`  cpu: "${cpuQuantity(capacity.cpu - size.cpu)}"`]),
    ...(size.memory === undefined ? [] : [`  memory: "${capacity.memory - size.memory - evictBelow}"`]),
  ]
  const others = (blocks.evictionHard ?? []).filter((line) => !line.trimStart().startsWith('memory.available'))
  const evict = size.memory === undefined ? [] : [`  memory.available: "${evictBelow / Mi}Mi"`]
  const hard = [...others, ...evict]
  return [
    ...rest,
    ...(hard.length === 0 ? [] : ['evictionHard:', ...hard]),
    ...(reserved.length === 0 ? [] : ['systemReserved:', ...reserved]),
    '',
  ].join('\n')
}

/** How the room for pods that a kubelet tells differs from a node's size; undefined when it does not. */
export function sizeDrift(size: NodeSize, allocatable: Readonly<Record<string, string>>): string | undefined {
  const has = { cpu: milliCpuOf(allocatable.cpu ?? '0'), memory: bytesOf(allocatable.memory ?? '0') }
  const same = (size.cpu ?? has.cpu) === has.cpu && (size.memory ?? has.memory) === has.memory
  return same ? undefined : `has room for ${sizeText(has)}, not for ${sizeText(size)}`
}

/** Top-level blocks of a YAML mapping by key, each without its first line, and all other lines. */
function takeOut(text: string, keys: readonly string[]): { blocks: Record<string, string[]>; rest: string[] } {
  const blocks: Record<string, string[]> = {}
  const rest: string[] = []
  let inside: string[] | undefined
  for (const line of text.trimEnd().split('\n')) {
    if (!/^\s/.test(line)) {
      const key = keys.find((each) => line.startsWith(`${each}:`))
      inside = key === undefined ? undefined : []
      if (key !== undefined) blocks[key] = inside ?? []
      if (key !== undefined) continue
    }
    ;(inside ?? rest).push(line)
  }
  return { blocks, rest }
}
