import { type Amount, type Demand, plus, sum, type Toleration, times } from './demand.ts'

export interface NodeRoom {
  readonly name: string
  /** What pods may request of it. */
  readonly allocatable: Amount
  /** What other pods on it request already. */
  readonly taken: Amount
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
}

export interface Room {
  readonly nodes: readonly NodeRoom[]
  /** The machine below the nodes, each of which may think that it has all of it; undefined for a cluster elsewhere. */
  readonly machine: Amount | undefined
}

/** Pods of one workload that find no room, and why. */
export interface Misfit {
  readonly workload: string
  readonly pods: number
  readonly each: Amount
  readonly why: string
}

export interface Fit {
  readonly misfits: readonly Misfit[]
  /** All that pods request, those of others too. */
  readonly requested: Amount
  /** All that the nodes have, or the machine when that is less. */
  readonly available: Amount
  /** Memory for which the nodes together have room, but not the machine. */
  readonly tooMuchMemory: boolean
  /** The same of CPU: all pods start, and share what there is. */
  readonly tightCpu: boolean
}

/**
 * Places the pods on the nodes as the scheduler may: the largest first, each on the node with the most room that its selector and
 * tolerations allow. Affinity and spread constraints are not looked at. Pure.
 */
export function fitOf(wanted: readonly Demand[], room: Room): Fit {
  const free = new Map(room.nodes.map(({ name, allocatable, taken }) => [name, less(allocatable, taken)]))
  const misfits: Misfit[] = []
  const place = (demand: Demand, node: NodeRoom): boolean => {
    const left = free.get(node.name) ?? { cpu: 0, memory: 0 }
    if (left.cpu < demand.each.cpu || left.memory < demand.each.memory) return false
    free.set(node.name, less(left, demand.each))
    return true
  }
  let placed = sum(room.nodes.map(({ taken }) => taken))
  for (const demand of [...wanted].sort(bySize)) {
    const open = room.nodes.filter((node) => takes(node, demand))
    const pods = demand.pods === 'each' ? open.length : demand.pods
    placed = plus(placed, times(demand.each, pods))
    let lost = 0
    for (let i = 0; i < pods; i++) {
      const byRoom = demand.pods === 'each' ? open.slice(i, i + 1) : [...open].sort(mostRoom(free))
      if (!byRoom.some((node) => place(demand, node))) lost += 1
    }
    if (lost > 0)
      misfits.push({ workload: demand.workload, pods: lost, each: demand.each, why: reason(demand, open, room) })
  }
  const nodes = sum(room.nodes.map(({ allocatable }) => allocatable))
  const machine = room.machine ?? nodes
  return {
    misfits,
    requested: placed,
    available: { cpu: Math.min(nodes.cpu, machine.cpu), memory: Math.min(nodes.memory, machine.memory) },
    tooMuchMemory: placed.memory > machine.memory,
    tightCpu: placed.cpu > machine.cpu,
  }
}

/** Whether everything can start. */
export function fits({ misfits, tooMuchMemory }: Fit): boolean {
  return misfits.length === 0 && !tooMuchMemory
}

function reason({ each, nodeSelector }: Demand, open: readonly NodeRoom[], { nodes }: Room): string {
  const selected = nodes.filter((node) => matches(node, nodeSelector))
  if (selected.length === 0) return `no node has ${pairs(nodeSelector)}`
  if (open.length === 0) return 'the taints of all nodes keep it away'
  const large = open.filter(({ allocatable }) => allocatable.cpu >= each.cpu && allocatable.memory >= each.memory)
  return large.length === 0 ? 'no node is that large' : 'the nodes are full'
}

function takes(node: NodeRoom, { nodeSelector, tolerations, pods }: Demand): boolean {
  const kept = node.taints.filter(({ effect }) => effect !== 'PreferNoSchedule')
  // The DaemonSet controller itself tolerates what comes and goes with a node's state.
  const passing = pods === 'each' ? kept.filter(({ key }) => !key.startsWith('node.kubernetes.io/')) : kept
  return matches(node, nodeSelector) && passing.every((taint) => tolerations.some((each) => tolerates(each, taint)))
}

function tolerates({ key, operator, value, effect }: Toleration, taint: NodeRoom['taints'][number]): boolean {
  if (effect !== undefined && effect !== '' && effect !== taint.effect) return false
  if (key === undefined || key === '') return operator === 'Exists'
  return key === taint.key && (operator === 'Exists' || (value ?? '') === (taint.value ?? ''))
}

function matches({ labels }: NodeRoom, selector: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value)
}

function pairs(selector: Readonly<Record<string, string>>): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')
}

function bySize(a: Demand, b: Demand): number {
  // What runs on each node has no choice, and comes first.
  const fixed = Number(b.pods === 'each') - Number(a.pods === 'each')
  return fixed || b.each.memory - a.each.memory || b.each.cpu - a.each.cpu
}

function mostRoom(free: ReadonlyMap<string, Amount>): (a: NodeRoom, b: NodeRoom) => number {
  const memory = ({ name }: NodeRoom) => free.get(name)?.memory ?? 0
  const cpu = ({ name }: NodeRoom) => free.get(name)?.cpu ?? 0
  return (a, b) => memory(b) - memory(a) || cpu(b) - cpu(a)
}

function less(a: Amount, b: Amount): Amount {
  return { cpu: a.cpu - b.cpu, memory: a.memory - b.memory }
}
