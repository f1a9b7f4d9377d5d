import { signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Metric, UiMetric, UiMetricList } from '../src/commands/ui/api.ts'
import { ask } from './ask.ts'
import { Choice } from './choice.tsx'
import { Panel } from './dashboards.tsx'
import { spans } from './dashboards-model.ts'
import './explore.css'
import { addressOf, choicesOf, found, movedBy, type Place, placeOf } from './explore-model.ts'
import { SearchField } from './list-controls.tsx'
import { usePolled } from './polled.ts'
import { Refusal } from './refusal.tsx'
import { parts, words } from './store.ts'

/** The last answers, and what they were asked for. */
const list = signal<{ readonly of: string; readonly answer: UiMetricList } | undefined>(undefined)
const values = signal<{ readonly of: string; readonly answer: UiMetric } | undefined>(undefined)
const search = signal('')
const most = 200
const pace = { listMs: 60_000, valuesMs: 15_000 }

/** Each metric that Prometheus has of a service: `#/explore/SERVICE/METRIC/LABEL/MINUTES`. */
export function ExploreView() {
  const place = placeOf(words.value)
  const { service, name } = place
  // Another `devk up` may add the preset.
  const of = JSON.stringify([service, parts.value.map((part) => part.name)])
  const read = async () => {
    const answer = await ask<UiMetricList>('metric-names', { service })
    list.value = { of, answer }
  }
  usePolled(() => void read(), of, pace.listMs)
  const got = list.value?.of === of ? list.value.answer : undefined
  const own = parts.value.filter(({ kind }) => kind === 'service').map((part) => part.name)
  return (
    <div class="list dashboards">
      <div class="bar">
        <h2>Explore metrics</h2>
        <SearchField
          label="Search metrics"
          value={search.value}
          onChange={(text) => {
            search.value = text
          }}
        />
        <Choice
          label="Service"
          value={service}
          options={[
            ['', 'All services'],
            ...choicesOf(own, got?.ok ? got.services : [], service).map((each) => [each, each] as const),
          ]}
          onChange={(wanted) => go({ ...place, service: wanted, by: '' })}
        />
        <Choice
          label="How far back"
          value={String(place.minutes)}
          options={spans.map((span) => [String(span.minutes), span.title])}
          onChange={(wanted) => go({ ...place, minutes: Number(wanted) })}
        />
      </div>
      {got === undefined && <p class="empty">Reading …</p>}
      {got?.ok === false && <Refusal {...got} />}
      {got?.ok && (
        <div class={name === '' ? '' : 'beside'}>
          <MetricNames metrics={got.metrics} more={got.more} place={place} />
          {name !== '' && <Values place={place} />}
        </div>
      )}
    </div>
  )
}

function go(place: Place): void {
  location.hash = addressOf(place)
}

interface NamesProps {
  readonly metrics: readonly Metric[]
  readonly more: number
  readonly place: Place
}

/** The metrics to choose from. One of them is in the order of the key Tab; the arrow keys lead to the others. */
function MetricNames({ metrics, more, place }: NamesProps) {
  const names = useRef<HTMLUListElement>(null)
  const focused = useSignal<string | undefined>(undefined)
  const { shown, more: unseen } = found(metrics, search.value, most)
  const hasName = (wanted: string | undefined) => shown.some(({ name }) => name === wanted)
  const reached = [focused.value, place.name].find(hasName) ?? shown[0]?.name
  useEffect(() => {
    names.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  }, [place.name])
  const move = (event: KeyboardEvent) => {
    const from = shown.findIndex(({ name }) => name === reached)
    const to = movedBy(event.key, from, shown.length)
    if (to === undefined) return
    event.preventDefault()
    names.current?.children[to]?.querySelector('a')?.focus()
  }
  if (metrics.length === 0) {
    return (
      <p class="empty">
        {place.service === ''
          ? 'Prometheus has no metrics yet.'
          : `Prometheus has no metrics of ${place.service}. It reads them from pods with the annotation prometheus.io/scrape, and takes those that services with presetEnv: ['prometheus'] send with OpenTelemetry.`}
      </p>
    )
  }
  return (
    <nav aria-label="Metrics">
      {shown.length === 0 && <p class="empty">Nothing matches “{search.value}”.</p>}
      <ul class="metric-names" ref={names} onKeyDown={move}>
        {shown.map(({ name, type, help }) => (
          <li key={name}>
            <a
              href={addressOf({ ...place, name, by: '' })}
              aria-current={name === place.name ? 'true' : undefined}
              tabIndex={name === reached ? 0 : -1}
              onFocus={() => {
                focused.value = name
              }}
            >
              {name}
            </a>{' '}
            <span class="quiet">{type}</span>
            {help !== null && <p class="quiet help">{help}</p>}
          </li>
        ))}
      </ul>
      {unseen + more > 0 && <p class="quiet">{unseen + more} more are not shown. Search for them.</p>}
    </nav>
  )
}

function Values({ place }: { readonly place: Place }) {
  const { service, name, by, minutes } = place
  const of = JSON.stringify(place)
  const read = async () => {
    const answer = await ask<UiMetric>('metric', { service, name, by, minutes: String(minutes) })
    values.value = { of, answer }
  }
  usePolled(() => void read(), of, pace.valuesMs)
  const got = values.value?.of === of ? values.value.answer : undefined
  return (
    <section class="explored" aria-label="The chosen metric">
      <h3>{name}</h3>
      {got === undefined && <p class="empty">Reading …</p>}
      {got?.ok === false && <Refusal {...got} />}
      {got?.ok && (
        <>
          <p class="quiet help">
            {got.metric.type}
            {got.metric.help !== null && `: ${got.metric.help}`}
          </p>
          <Choice
            label="Group by"
            value={by}
            options={[
              ['', 'Not grouped'],
              ...choicesOf(got.labels, [], by).map((label) => [label, `By ${label}`] as const),
            ]}
            onChange={(wanted) => go({ ...place, by: wanted })}
          />
          <ul class="charts">
            {got.panels.map((panel) => (
              <li key={panel.title}>
                <Panel panel={panel} times={got.times} />
                <details>
                  <summary>PromQL</summary>
                  {panel.queries.map((query) => (
                    <p key={query} class="code">
                      {query}
                    </p>
                  ))}
                </details>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
