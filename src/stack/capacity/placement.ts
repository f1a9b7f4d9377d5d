import { type Apart, allows, type LabelSelector, selects } from './constraints.ts'
import { type Amount, type Demand, sum, type Toleration } from './demand.ts'
import type { NodeRoom } from './room.ts'

type Placed = readonly { readonly node: NodeRoom; readonly demand: Demand }[]

/** The pods that are placed so far. */
export interface Placement {
  /** Places a pod on the first of these nodes that is possible. Returns the obstacle if none is. */
  place(demand: Demand, nodes: readonly NodeRoom[]): 'placed' | Obstacle
  /** The free capacity of a node. */
  free(node: NodeRoom): Amount
}

/** Why a pod fits on no node. Of several reasons, the one that more capacity would not remove. */
export type Obstacle = 'room' | 'apart' | 'spread'

/** An empty placement on these nodes. */
export function placement(nodes: readonly NodeRoom[]): Placement {
  const placed: { node: NodeRoom; demand: Demand }[] = []
  const free = (node: NodeRoom): Amount => {
    const own = placed.filter((each) => each.node === node).map(({ demand }) => demand.each)
    const used = sum([node.taken, ...own])
    return { cpu: node.allocatable.cpu - used.cpu, memory: node.allocatable.memory - used.memory }
  }
  return {
    free,
    place(demand, candidates) {
      const obstacles = new Set<Obstacle>()
      for (const node of candidates) {
        const left = free(node)
        if (left.cpu < demand.each.cpu || left.memory < demand.each.memory) obstacles.add('room')
        else if (meets(demand, node, placed)) obstacles.add('apart')
        else if (!isEven(demand, node, nodes, placed)) obstacles.add('spread')
        else {
          placed.push({ node, demand })
          return 'placed'
        }
      }
      return (['apart', 'spread', 'room'] as const).find((each) => obstacles.has(each)) ?? 'room'
    },
  }
}

/** Whether a node's labels and taints allow a pod. Pure. */
export function takes(node: NodeRoom, demand: Demand): boolean {
  return isSelected(node, demand) && tolerated(node, demand)
}

/** Whether a node matches the node selector and the required node affinity of a pod. Pure. */
export function isSelected({ name, labels }: NodeRoom, { nodeSelector, nodeTerms }: Demand): boolean {
  const selected = Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)
  return selected && allows(nodeTerms, name, labels)
}

function tolerated({ taints }: NodeRoom, { tolerations, pods }: Demand): boolean {
  const kept = taints.filter(({ effect }) => effect !== 'PreferNoSchedule')
  // The DaemonSet controller adds tolerations for the taints that Kubernetes sets by a node's condition.
  const passing = pods === 'each' ? kept.filter(({ key }) => !key.startsWith('node.kubernetes.io/')) : kept
  return passing.every((taint) => tolerations.some((each) => tolerates(each, taint)))
}

function tolerates({ key, operator, value, effect }: Toleration, taint: NodeRoom['taints'][number]): boolean {
  if (effect !== undefined && effect !== '' && effect !== taint.effect) return false
  if (key === undefined || key === '') return operator === 'Exists'
  return key === taint.key && (operator === 'Exists' || (value ?? '') === (taint.value ?? ''))
}

/** Whether a required anti-affinity, of the pod or of one that is placed, excludes the node. */
function meets(demand: Demand, node: NodeRoom, placed: Placed): boolean {
  return placed.some((other) => {
    const together = ({ topologyKey }: Apart) => {
      const value = domain(node, topologyKey)
      return value !== undefined && value === domain(other.node, topologyKey)
    }
    const repels = (one: Demand, two: Demand) =>
      one.apart.some((term) => {
        const here = term.namespaces?.includes(two.namespace) ?? one.namespace === two.namespace
        return here && selects(term.selector, two.labels) && together(term)
      })
    return repels(demand, other.demand) || repels(other.demand, demand)
  })
}

/** Whether the pod's spread constraints allow the node. Only nodes that match the pod count. */
function isEven(demand: Demand, node: NodeRoom, nodes: readonly NodeRoom[], placed: Placed): boolean {
  return demand.spread.every(({ topologyKey, maxSkew, selector }) => {
    const own = domain(node, topologyKey)
    if (own === undefined) return false
    const eligible = nodes.filter((each) => isSelected(each, demand)).flatMap((each) => domain(each, topologyKey) ?? [])
    const count = (value: string) => counted(placed, demand, selector, (each) => domain(each, topologyKey) === value)
    const least = Math.min(...eligible.map(count))
    const self = selects(selector, demand.labels) ? 1 : 0
    return count(own) + self - least <= maxSkew
  })
}

function counted(
  placed: Placed,
  { namespace }: Demand,
  selector: LabelSelector,
  on: (node: NodeRoom) => boolean,
): number {
  return placed.filter(
    ({ node, demand }) => demand.namespace === namespace && selects(selector, demand.labels) && on(node),
  ).length
}

/** The topology domain of a node. A node that does not exist yet has its name as its host name. */
function domain({ name, labels }: NodeRoom, key: string): string | undefined {
  return labels[key] ?? (key === 'kubernetes.io/hostname' ? name : undefined)
}
