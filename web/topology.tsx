import { signal } from '@preact/signals'
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import type { ServiceRate, UiRates } from '../src/commands/ui/api.ts'
import { ask } from './ask.ts'
import { Changes } from './changes.tsx'
import { rateSentence, rateText } from './dashboards-model.ts'
import { curve, draw, nodeSize } from './layout.ts'
import { type GraphNode, graphOf, type Part, shortImage } from './model.ts'
import { usePolled } from './polled.ts'
import { StateMark } from './state.tsx'
import { changes, hasRates, parts, state } from './store.ts'

const width = signal(0)
/** 0 fits the drawing into the page. */
const zoom = signal(0)
const smallest = 0.55

/** The requests to each service now, by name. Empty without a preset that counts them. */
const rates = signal<ReadonlyMap<string, ServiceRate>>(new Map())

async function readRates(): Promise<void> {
  const got = hasRates.peek() ? await ask<UiRates>('rates') : undefined
  rates.value = new Map(got?.ok ? got.rates.map((each) => [each.service, each]) : [])
}

/** The stack as a drawing: URLs, services, and what they need. */
export function TopologyView() {
  const box = useRef<HTMLElement>(null)
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      width.value = Math.floor(entry?.contentRect.width ?? 0)
    })
    if (box.current !== null) observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
  usePolled(() => void readRates(), String(hasRates.value), 10_000)
  const graph = graphOf(parts.value)
  const direction = width.value < 720 ? 'TB' : 'LR'
  const shape = JSON.stringify([graph.nodes.map(({ id }) => id), graph.edges, direction])
  // Only another shape is laid out again, not another state of the same shape.
  const drawing = useMemo(() => draw(graph, direction), [shape])
  const fitting = width.value > 0 && drawing.width > 0 ? Math.min(1.25, width.value / drawing.width) : 1
  const scale = zoom.value || Math.max(smallest, fitting)
  const platform = parts.value.filter(({ kind }) => kind === 'preset')
  return (
    <>
      <div class="bar">
        <h2>Topology</h2>
        <span class="zoom">
          <button type="button" onClick={() => step(scale / 1.25)} aria-label="Zoom out">
            −
          </button>
          <button type="button" onClick={() => step(0)}>
            Fit
          </button>
          <button type="button" onClick={() => step(scale * 1.25)} aria-label="Zoom in">
            +
          </button>
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="canvas" ref={box} tabIndex={0} aria-label="Topology of the stack">
        <div class="sheet" style={sizeOf(drawing.width * scale, drawing.height * scale)}>
          <div class="drawing" style={{ ...sizeOf(drawing.width, drawing.height), transform: `scale(${scale})` }}>
            <svg width={drawing.width} height={drawing.height} aria-hidden="true">
              <defs>
                <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
                  <path d="M0,0 L8,4 L0,8 z" />
                </marker>
              </defs>
              {drawing.edges.map(({ id, points }) => (
                <path key={id} class="edge" d={curve(points, direction)} marker-end="url(#arrow)" />
              ))}
            </svg>
            {graph.nodes.map((node) => (
              <Node key={node.id} node={node} at={drawing.nodes.get(node.id)} />
            ))}
          </div>
        </div>
      </section>
      {platform.length > 0 && (
        <section class="platform">
          <h3>Platform</h3>
          <ul>
            {platform.map((part) => (
              <li key={part.name}>
                <PartCard part={part} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <Changes changes={changes.value.slice(0, 12)} />
      {state.value !== undefined && parts.value.length === 0 && <p class="empty">The stack has no services.</p>}
    </>
  )
}

function step(to: number): void {
  zoom.value = to === 0 ? 0 : Math.min(2, Math.max(0.3, to))
}

const px = (length: number) => `${length}px`
const sizeOf = (width: number, height: number) => ({ width: px(width), height: px(height) })

function Node({ node, at }: { readonly node: GraphNode; readonly at: { x: number; y: number } | undefined }) {
  const style = { left: px(at?.x ?? 0), top: px(at?.y ?? 0), ...sizeOf(nodeSize.width, nodeSize.height) }
  if (node.part !== undefined) return <PartCard part={node.part} style={style} />
  const host = node.label.replace(/^https?:\/\//, '').replace(/\/$/, '')
  return (
    <a class="node url" style={style} href={node.label} target="_blank" rel="noreferrer" title={node.label}>
      <span class="kind">URL</span>
      <strong>{host}</strong>
    </a>
  )
}

/** A part as a card that leads to its details. */
function PartCard({ part, style }: { readonly part: Part; readonly style?: Record<string, string> }) {
  const { kind, name, state: partState, pods, image, version } = part
  const ready = pods.filter((pod) => pod.ready).length
  const rate = kind === 'service' ? rates.value.get(name) : undefined
  return (
    <a
      class={`node ${kind} ${partState}`}
      style={style ?? {}}
      href={`#/services/${kind}/${encodeURIComponent(name)}`}
      title={part.reason ?? (rate === undefined ? name : `${name}: ${rateSentence(rate)}`)}
    >
      <span class="kind">
        {rate === undefined && (kind === 'local' ? 'on this machine' : kind)}
        {pods.length > 0 && `${rate === undefined ? ' · ' : ''}${ready}/${pods.length} pods`}
        {rate !== undefined && <span class={rate.errors ? 'rate failing' : 'rate'}> · {rateText(rate)}</span>}
      </span>
      <strong>{name}</strong>
      <span class="line">
        <StateMark state={partState} /> <span class="quiet">{image === null ? version : shortImage(image)}</span>
      </span>
    </a>
  )
}
