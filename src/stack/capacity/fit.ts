import { type Amount, type Demand, plus, sum, times } from './demand.ts'
import { isSelected, type Obstacle, placement, takes } from './placement.ts'
import type { NodeRoom, Room } from './room.ts'

/** Pods of one workload that fit on no node, and why. */
export interface Misfit {
  readonly workload: string
  readonly pods: number
  readonly each: Amount
  readonly why: string
}

/** Whether the pods fit on the nodes, and what does not. */
export interface Fit {
  readonly misfits: readonly Misfit[]
  /** The sum of what all pods request, including those of others. */
  readonly requested: Amount
  /** The sum of the nodes' capacities, or the machine's if that is less. */
  readonly available: Amount
  /** Whether the pods request more memory than the machine has, though not more than the nodes report. */
  readonly tooMuchMemory: boolean
  /** The same for CPU. All pods start, and share the machine's CPU. */
  readonly tightCpu: boolean
  /** Workloads with a required pod affinity, which devk does not check. */
  readonly unchecked: readonly string[]
}

/**
 * Places the pods on the nodes as the scheduler might. Pods with the fewest possible nodes come first, then the
 * largest.
 * Each goes to the node with the most free capacity that its node selector, required node affinity, tolerations,
 * required pod anti-affinity and hard spread constraints allow. Required pod affinity and the places of volumes are not
 * checked. Only this one order is tried, so a misfit may still fit in another one. Pure.
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
    unchecked: wanted.filter(({ hasPodAffinity }) => hasPodAffinity).map(({ workload }) => workload),
  }
}

/** Whether all pods can start. */
export function fits({ misfits, tooMuchMemory }: Fit): boolean {
  return misfits.length === 0 && !tooMuchMemory
}

function reason(demand: Demand, open: readonly NodeRoom[], { nodes }: Room, obstacle: Obstacle): string {
  const { each, nodeSelector, apart, spread } = demand
  const selected = nodes.filter((node) => isSelected(node, demand))
  if (!nodes.some((node) => isSelected(node, { ...demand, nodeTerms: undefined })))
    return `no node has ${pairs(nodeSelector)}`
  if (selected.length === 0) return 'no node matches its required node affinity'
  if (open.length === 0) return 'it does not tolerate the taints of the nodes'
  const large = open.filter(({ allocatable }) => allocatable.cpu >= each.cpu && allocatable.memory >= each.memory)
  if (large.length === 0) return 'no node is large enough'
  const keys = (list: readonly { readonly topologyKey: string }[]) =>
    [...new Set(list.map(({ topologyKey }) => topologyKey))].join(', ')
  if (obstacle === 'apart') {
    const nodes = open.length === 1 ? 'the only node' : `each of the ${open.length} nodes`
    return `pod anti-affinity excludes ${nodes} it may run on${apart.length === 0 ? '' : ` (${keys(apart)})`}`
  }
  if (obstacle === 'spread') return `its spread constraint allows no node with enough free capacity (${keys(spread)})`
  return 'the nodes are full'
}

function pairs(selector: Readonly<Record<string, string>>): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')
}

/** Sorts DaemonSets first, which have no choice of node; then by the number of possible nodes, then by size. */
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
