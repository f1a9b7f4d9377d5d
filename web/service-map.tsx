import { useMemo } from 'preact/hooks'
import type { ServiceCalls } from '../src/commands/ui/api.ts'
import { curve, draw, nodeSize } from './layout.ts'
import { mapOf } from './traces-model.ts'

/** Which services call each other, drawn, and as a list for those who do not see it. */
export function ServiceMap({ calls }: { readonly calls: readonly ServiceCalls[] }) {
  const shape = JSON.stringify(calls.map(({ from, to }) => [from, to]))
  const graph = mapOf(calls)
  const drawing = useMemo(() => draw(graph, 'LR'), [shape])
  return (
    <div class="service-map">
      <h3>Service map: the calls of the last hour</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="map" tabIndex={0} aria-label="Who calls whom">
        <svg width={drawing.width} height={drawing.height} aria-hidden="true">
          <defs>
            <marker id="call" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0,0 L8,4 L0,8 z" />
            </marker>
          </defs>
          {drawing.edges.map(({ id, points }) => (
            <path key={id} class="edge" d={curve(points, 'LR')} marker-end="url(#call)" />
          ))}
          {graph.nodes.map(({ id, label }) => {
            const { x = 0, y = 0 } = drawing.nodes.get(id) ?? {}
            return (
              <g key={id} transform={`translate(${x},${y})`}>
                <rect class="box" width={nodeSize.width} height={nodeSize.height} rx="10" />
                <text x="14" y={nodeSize.height / 2 + 5}>
                  {label.length > 26 ? `${label.slice(0, 25)}…` : label}
                </text>
              </g>
            )
          })}
        </svg>
      </section>
      <ul>
        {calls.map((each) => (
          <li key={`${each.from} ${each.to}`}>{callText(each)}</li>
        ))}
      </ul>
    </div>
  )
}

function callText({ from, to, calls }: ServiceCalls): string {
  return `${from} → ${to}: ${calls} ${calls === 1 ? 'call' : 'calls'}`
}
