import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { DrawnPanel } from '../src/commands/ui/api.ts'
import 'uplot/dist/uPlot.min.css'
import { heightsOf, panelText, unitText, valueText } from './dashboards-model.ts'
import { theme } from './store.ts'

interface ChartProps {
  readonly panel: DrawnPanel
  /** In seconds. */
  readonly times: readonly number[]
}

const height = 150
const colours = 8

/** Lines over time, with the value of each at the pointer, or the last one. The pointer is at one time in all charts. */
export function PanelChart({ panel, times }: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const legend = useRef<HTMLUListElement>(null)
  const chart = useRef<uPlot>(undefined)
  const index = useSignal<number | null>(null)
  const { unit, lines } = panel
  const shape = JSON.stringify([unit, lines.map(({ name }) => name)])
  const data = [times, ...lines.map(({ values }) => values)] as unknown as uPlot.AlignedData
  useEffect(() => {
    const { current } = box
    if (current === null) return
    /** The colour of a name in the legend: it follows the theme. */
    const colourOf = (line: number) => {
      const swatch = legend.current?.children[line]?.firstElementChild
      return swatch ? getComputedStyle(swatch).color : 'gray'
    }
    const quiet = () => getComputedStyle(current).color
    const axis = { stroke: quiet, grid: { stroke: 'rgb(128 128 128 / 0.18)', width: 1 }, ticks: { show: false } }
    const made = new uPlot(
      {
        width: current.clientWidth || 300,
        height,
        legend: { show: false },
        cursor: { sync: { key: 'devk' }, y: false, drag: { x: false, y: false } },
        scales: { y: { range: (_, least, most) => heightsOf(least, most) } },
        axes: [
          { ...axis, size: 28, values: (_, ticks) => ticks.map(clockOf) },
          { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => unitText(tick, unit)) },
        ],
        series: [
          {},
          ...lines.map(({ name }, line) => ({
            label: name,
            stroke: () => colourOf(line),
            width: 1.5,
            // A line of one value would not be seen.
            points: { show: (plot: uPlot) => countOf(plot.data[line + 1]) < 2 },
          })),
        ],
        hooks: {
          setCursor: [
            (plot) => {
              index.value = plot.cursor.idx ?? null
            },
          ],
        },
      },
      data,
      current,
    )
    chart.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: current.clientWidth || 300, height }))
    observer.observe(current)
    return () => {
      observer.disconnect()
      made.destroy()
      chart.current = undefined
    }
  }, [shape])
  // New values, or other colours.
  useEffect(() => chart.current?.setData(data), [panel, theme.value])
  return (
    <>
      <div class="plot" ref={box} role="img" aria-label={panelText(panel)} />
      <ul class="legend-of" ref={legend}>
        {lines.map((line, position) => (
          <li key={position}>
            <span class={`swatch hue-${position % colours}`} aria-hidden="true" /> {line.name}{' '}
            <span class="number">{valueText(line, unit, index.value)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

/** How many values a line has. */
function countOf(values: Iterable<number | null | undefined> = []): number {
  return [...values].filter((value) => value != null).length
}

/** The time of day here: `14:05`. */
function clockOf(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}
