import { computed, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { UiSample, UiSamples } from '../src/commands/ui/api.ts'
import './metrics.css'
import { SearchField } from './list-controls.tsx'
import { box, chartOf, chartText, type Measure, memoryShare, type Point, recent, seriesOf } from './metrics-model.ts'
import type { Part } from './model.ts'
import { hasRates, now, parts, words } from './store.ts'

const samples = signal<readonly UiSample[]>([])
const series = {
  cpu: computed(() => seriesOf(samples.value, 'cpu')),
  memory: computed(() => seriesOf(samples.value, 'memory')),
}
/** The right end of the charts. They move every five seconds only. */
const clock = computed(() =>
  Math.max(now.value - (now.value % 5000), Date.parse(samples.value.at(-1)?.time ?? '') || 0),
)
const filter = signal('')
const titles: Readonly<Record<Measure, string>> = { cpu: 'CPU', memory: 'Memory' }
/** From this share of its memory limit on, a part is marked. */
const nearLimit = 90
let source: EventSource | undefined

/** CPU and memory of each part in the last 15 minutes, beside what it requests and its limits. */
export function MetricsView() {
  const [, name = ''] = words.value
  useEffect(receive, [])
  useEffect(() => {
    filter.value = name
  }, [name])
  const wanted = filter.value.toLowerCase()
  const all = parts.value.filter(({ usage }) => usage !== null)
  const shown = all.filter((part) => part.name.toLowerCase().includes(wanted))
  const isMeasured = all.some(({ usage }) => usage?.used != null) || samples.value.length > 0
  return (
    <div class="list">
      <div class="bar">
        <h2>Metrics</h2>
        <SearchField
          label="Filter by name"
          value={filter.value}
          onChange={(text) => {
            filter.value = text
          }}
        />
        <p class="quiet legend">
          The last 15 minutes.{' '}
          {hasRates.value && (
            <>
              <a href="#/dashboards">Dashboards</a> show more, and <a href="#/explore">Explore</a> each metric of a
              program.{' '}
            </>
          )}
          <span class="sign requested" /> requested <span class="sign limit" /> limit
        </p>
      </div>
      {!isMeasured && (
        <p class="empty">
          Nothing has measured the pods yet. The kubelets do, if this user may ask them; the preset metrics-server does
          for everyone.
        </p>
      )}
      {all.length > 0 && shown.length === 0 && <p class="empty">Nothing matches “{filter.value}”.</p>}
      <ul class="charts">
        {shown.map((part) => (
          <Charts key={`${part.kind}/${part.name}`} part={part} />
        ))}
      </ul>
    </div>
  )
}

function receive(): void {
  if (source !== undefined) return
  source = new EventSource('api/v1/metrics')
  source.addEventListener('samples', ({ data }) => {
    samples.value = recent(samples.value, (JSON.parse(data) as UiSamples).samples)
  })
}

function Charts({ part }: { readonly part: Part }) {
  const { kind, name } = part
  const share = memoryShare(part)
  return (
    <li>
      <h3>
        <a href={`#/services/${kind}/${encodeURIComponent(name)}`}>{name}</a> {kind !== 'service' && kind}
      </h3>
      {share !== undefined && share >= nearLimit && (
        <p class="why">It uses {share} % of its memory limit. A container that reaches its own limit is killed.</p>
      )}
      <OneChart part={part} measure="cpu" points={series.cpu.value.get(`${kind}/${name}`) ?? []} />
      <OneChart part={part} measure="memory" points={series.memory.value.get(`${kind}/${name}`) ?? []} />
    </li>
  )
}

interface ChartProps {
  readonly part: Part
  readonly measure: Measure
  readonly points: readonly Point[]
}

function OneChart({ part: { name, usage }, measure, points }: ChartProps) {
  if (usage === null) return null
  const { line, requested, limit } = chartOf(points, usage, measure, clock.value)
  const text = chartText(points, usage, measure)
  const title = titles[measure]
  return (
    <figure>
      <figcaption>
        <strong>{title}</strong> {text}
      </figcaption>
      <svg
        class="chart"
        viewBox={`0 0 ${box.width} ${box.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title} of ${name}: ${text}`}
      >
        {requested !== null && <path class="mark requested" d={`M0,${requested}H${box.width}`} />}
        {limit !== null && <path class="mark limit" d={`M0,${limit}H${box.width}`} />}
        <path class="curve" d={line} />
      </svg>
    </figure>
  )
}
