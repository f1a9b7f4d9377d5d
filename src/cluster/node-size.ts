import { DevkError } from '../errors.ts'
import { bytesOf, cpuQuantity, memoryQuantity, milliCpuOf } from '../lib/quantity.ts'
import type { ClusterSpec, NodeSize } from './provider.ts'

const Mi = 1024 ** 2
/** The kubelet evicts pods when less memory than this is available. It is reserved in addition to systemReserved. */
const evictBelow = 100 * Mi
/** Memory that the container of a node may use beyond its size, for kubelet, containerd and systemd. */
const daemons = 512 * Mi
/** What the pods of a control plane (API server, etcd, controllers) need. */
const leastPlane = { cpu: 1000, memory: 1536 * Mi } as const

/**
 * The capacity that the kubelet reports: that of the machine, even in a container with limits. CPU in thousandths,
 * memory in bytes.
 */
export interface Capacity {
  readonly cpu: number
  readonly memory: number
}

/** `2 CPU, 4Gi`. */
function sizeText({ cpu, memory }: NodeSize): string {
  const parts = [cpu === undefined ? '' : `${cpu / 1000} CPU`, memory === undefined ? '' : memoryQuantity(memory)]
  return parts.filter((part) => part !== '').join(', ')
}

/** Throws HOST_UNFIT for nodes that are larger than the machine, and for control planes that are too small. */
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
  throw new DevkError('HOST_UNFIT', `The nodes of ${name} cannot have the configured sizes`, {
    details: [...problems, 'Nothing was changed.'],
    hint: 'Change cluster.nodeSize, or the size of the workers in cluster.workers.',
  })
}

/**
 * The limits of a node's container. A pod that uses too much memory then reaches the limit of its node, not that of the
 * machine.
 */
export function containerLimits({ cpu, memory }: NodeSize): NodeSize {
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory: memory + daemons }),
  }
}

/**
 * The configuration of the kubelet with a reservation of everything beyond the size of the node, so that the size
 * remains for pods. The cgroup of all pods enforces it, and the kubelet evicts pods when memory runs low. `text` is the
 * file of kubeadm: block YAML with sorted keys. Pure.
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

/** How the allocatable resources of a node differ from its size; undefined when they do not. */
export function sizeDrift(size: NodeSize, allocatable: Readonly<Record<string, string>>): string | undefined {
  const has = { cpu: milliCpuOf(allocatable.cpu ?? '0'), memory: bytesOf(allocatable.memory ?? '0') }
  const same = (size.cpu ?? has.cpu) === has.cpu && (size.memory ?? has.memory) === has.memory
  return same ? undefined : `has ${sizeText(has)} for pods, not ${sizeText(size)}`
}

/**
 * Takes top-level blocks out of a YAML mapping. Returns them by key, each without its first line, and all other lines.
 */
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
