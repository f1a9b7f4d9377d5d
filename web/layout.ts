import { Graph as DagreGraph, layout } from '@dagrejs/dagre'
import type { Graph } from './model.ts'

/** A point of the drawing, in CSS pixels. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** Where everything is drawn. Places of nodes are their upper left corners. */
export interface Drawing {
  readonly width: number
  readonly height: number
  readonly nodes: ReadonlyMap<string, Point>
  readonly edges: readonly { readonly id: string; readonly points: readonly Point[] }[]
}

/** Size of each node. */
export const nodeSize = { width: 216, height: 68 }

/** Places the nodes in ranks: from left to right, or from top to bottom on a narrow page. Pure. */
export function draw({ nodes, edges }: Graph, direction: 'LR' | 'TB'): Drawing {
  if (nodes.length === 0) return { width: 0, height: 0, nodes: new Map(), edges: [] }
  const graph = new DagreGraph()
  graph.setGraph({ rankdir: direction, nodesep: 20, ranksep: direction === 'LR' ? 72 : 40, marginx: 4, marginy: 4 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id } of nodes) graph.setNode(id, { ...nodeSize })
  for (const { from, to } of edges) graph.setEdge(from, to)
  layout(graph)
  const { width = 0, height = 0 } = graph.graph()
  return {
    width,
    height,
    nodes: new Map(
      nodes.map(({ id }) => {
        const { x = 0, y = 0 } = graph.node(id) as Partial<Point>
        return [id, { x: x - nodeSize.width / 2, y: y - nodeSize.height / 2 }]
      }),
    ),
    edges: (graph.edges() as { v: string; w: string }[]).map((edge) => {
      const inner = ((graph.edge(edge) as { points?: Point[] }).points ?? []).slice(1, -1)
      // Between neighbours there is one point, in the middle, which a smooth line needs not.
      const between = inner.length > 1 ? inner : []
      const from = side(graph.node(edge.v) as Point, direction, 1)
      const to = side(graph.node(edge.w) as Point, direction, -1)
      return { id: `${edge.v} → ${edge.w}`, points: [from, ...between, to] }
    }),
  }
}

/** The middle of the side of a node where its lines end: 1 for those that leave it, -1 for those that reach it. */
function side({ x, y }: Point, direction: 'LR' | 'TB', sign: 1 | -1): Point {
  return direction === 'LR' ? { x: x + (sign * nodeSize.width) / 2, y } : { x, y: y + (sign * nodeSize.height) / 2 }
}

/** A smooth line through the points, as the attribute `d` of an SVG path. Pure. */
export function curve(points: readonly Point[], direction: 'LR' | 'TB'): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  const parts = rest.map((to, index) => {
    const from = points[index] ?? first
    const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
    return direction === 'LR'
      ? `C${middle.x},${from.y} ${middle.x},${to.y} ${to.x},${to.y}`
      : `C${from.x},${middle.y} ${to.x},${middle.y} ${to.x},${to.y}`
  })
  return `M${first.x},${first.y}${parts.join('')}`
}
