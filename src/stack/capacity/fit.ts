import { type Amount, type Demand, plus, sum, times } from './demand.ts'
import { isSelected, type Obstacle, placement, takes } from './placement.ts'
import type { NodeRoom, Room } from './room.ts'

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
  /** Workloads whose pods must run beside others, which is not looked at. */
  readonly unseen: readonly string[]
}

/**
 * Places the pods on the nodes as the scheduler may: those with the fewest nodes to choose from first, then the
 * largest, each on the node with the most room that selector, required node affinity, taints, required anti-affinity
 * and hard spread constraints allow. Required pod affinity is not looked at, nor where volumes are. An order of placing
 * is tried, not every one. Pure.
 */
export function fitOf(wanted: readonly Demand[], room: Room): Fit {
  const pods = placement(room.nodes)
  const mostRoom = (a: NodeRoom, b: NodeRoom) => {
    const [left, right] = [pods.free(a), pods.free(b)]
    return right.memory - left.memory || right.cpu - left.cpu
  }
  const misfits: Misfit[] = []
  let placed = sum(room.nodes.map(({ taken }) => taken))
  const choices = new Map(wanted.map((demand) => [demand, room.nodes.filter((node) => takes(node, demand))]))
  for (const demand of [...wanted].sort(byNeed(choices))) {
    const open = choices.get(demand) ?? []
    const total = demand.pods === 'each' ? open.length : demand.pods
    placed = plus(placed, times(demand.each, total))
    const lost: Obstacle[] = []
    for (let i = 0; i < total; i++) {
      const byRoom = demand.pods === 'each' ? open.slice(i, i + 1) : [...open].sort(mostRoom)
      const outcome = pods.place(demand, byRoom)
      if (outcome !== 'placed') lost.push(outcome)
    }
    const [first] = lost
    if (first === undefined) continue
    const why = reason(demand, open, room, first)
    misfits.push({ workload: demand.workload, pods: lost.length, each: demand.each, why })
  }
  const nodes = sum(room.nodes.map(({ allocatable }) => allocatable))
  const machine = room.machine ?? nodes
  return {
    misfits,
    requested: placed,
    available: { cpu: Math.min(nodes.cpu, machine.cpu), memory: Math.min(nodes.memory, machine.memory) },
    tooMuchMemory: placed.memory > machine.memory,
    tightCpu: placed.cpu > machine.cpu,
    unseen: wanted.filter(({ beside }) => beside).map(({ workload }) => workload),
  }
}

/** Whether everything can start. */
export function fits({ misfits, tooMuchMemory }: Fit): boolean {
  return misfits.length === 0 && !tooMuchMemory
}

function reason(demand: Demand, open: readonly NodeRoom[], { nodes }: Room, obstacle: Obstacle): string {
  const { each, nodeSelector, apart, spread } = demand
  const selected = nodes.filter((node) => isSelected(node, demand))
  if (!nodes.some((node) => isSelected(node, { ...demand, nodeTerms: undefined })))
    return `no node has ${pairs(nodeSelector)}`
  if (selected.length === 0) return 'no node is what its required node affinity asks for'
  if (open.length === 0) return 'the taints of all nodes keep it away'
  const large = open.filter(({ allocatable }) => allocatable.cpu >= each.cpu && allocatable.memory >= each.memory)
  if (large.length === 0) return 'no node is that large'
  const keys = (list: readonly { readonly topologyKey: string }[]) =>
    [...new Set(list.map(({ topologyKey }) => topologyKey))].join(', ')
  if (obstacle === 'apart') {
    return `on ${open.length === 1 ? 'the one node' : `each of the ${open.length} nodes`} it may use is a pod that must not share ${keys(apart) || 'its node'}`
  }
  if (obstacle === 'spread')
    return `it must be spread evenly over ${keys(spread)}, and where it may go next there is none, or no room`
  return 'the nodes are full'
}

function pairs(selector: Readonly<Record<string, string>>): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')
}

/**
 * What runs on each node has no choice, and comes first; then what has the fewest nodes to choose from, then what is
 * largest.
 */
function byNeed(choices: ReadonlyMap<Demand, readonly NodeRoom[]>): (a: Demand, b: Demand) => number {
  const fixed = ({ pods }: Demand) => Number(pods === 'each')
  const width = (demand: Demand) => choices.get(demand)?.length ?? 0
  const free = ({ apart, spread }: Demand) => Number(apart.length + spread.length === 0)
  return (a, b) =>
    fixed(b) - fixed(a) ||
    width(a) - width(b) ||
    free(a) - free(b) ||
    b.each.memory - a.each.memory ||
    b.each.cpu - a.each.cpu
}
