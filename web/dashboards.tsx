import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { DrawnPanel, UiDashboard, UiDashboards } from '../src/commands/ui/api.ts'
import { ask } from './ask.ts'
import { PanelChart } from './chart.tsx'
import { Choice } from './choice.tsx'
import './dashboards.css'
import { lastOf, spans, unitText } from './dashboards-model.ts'
import { usePolled } from './polled.ts'
import { Refusal } from './refusal.tsx'
import { parts, words } from './store.ts'

const list = signal<UiDashboards | undefined>(undefined)
/** The last values, and which ones they are. */
const values = signal<{ readonly of: string; readonly answer: UiDashboard } | undefined>(undefined)
const minutes = signal(30)
const paceMs = 15_000

/** The dashboards that devk generates for Grafana, drawn here from Prometheus: `#/dashboards/UID`. */
export function DashboardsView() {
  const [, uid = ''] = words.value
  // Another `devk up` may add services and presets.
  const deployed = JSON.stringify(parts.value.map(({ kind, name }) => [kind, name]))
  useEffect(() => {
    void ask<UiDashboards>('dashboards').then((got) => {
      list.value = got
    })
  }, [deployed])
  const got = list.value
  const all = got?.ok ? got.dashboards : []
  const shown = uid === '' ? all[0]?.uid : uid
  return (
    <div class="list dashboards">
      <div class="bar">
        <h2>Dashboards</h2>
        {all.length > 0 && (
          <>
            <Choice
              label="Dashboard"
              value={shown ?? ''}
              options={all.map((each) => [each.uid, each.title])}
              onChange={(wanted) => {
                location.hash = `#/dashboards/${encodeURIComponent(wanted)}`
              }}
            />
            <Choice
              label="How far back"
              value={String(minutes.value)}
              options={spans.map((span) => [String(span.minutes), span.title])}
              onChange={(wanted) => {
                minutes.value = Number(wanted)
              }}
            />
          </>
        )}
      </div>
      {got === undefined && <p class="empty">Reading …</p>}
      {got?.ok === false && <Refusal {...got} />}
      {got?.ok && shown !== undefined && <Values key={shown} uid={shown} />}
    </div>
  )
}

function Values({ uid }: { readonly uid: string }) {
  const of = JSON.stringify([uid, minutes.value])
  const read = async () => {
    const answer = await ask<UiDashboard>('dashboard', { uid, minutes: String(minutes.value) })
    values.value = { of, answer }
  }
  usePolled(() => void read(), of, paceMs)
  const got = values.value?.of === of ? values.value.answer : undefined
  if (got === undefined) return <p class="empty">Reading …</p>
  if (!got.ok) return <Refusal {...got} />
  const { rows, times } = got.dashboard
  return (
    <>
      {rows.map(({ title, panels }) => (
        <section key={title}>
          <h3>{title}</h3>
          <ul class="charts">
            {panels.map((panel) => (
              <li key={panel.title} class={panel.kind === 'figure' ? 'figure' : ''}>
                <Panel panel={panel} times={times} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  )
}

/** A chart or a figure with its title, or why it has no values. */
export function Panel({ panel, times }: { readonly panel: DrawnPanel; readonly times: readonly number[] }) {
  const { title, description, kind, unit, lines, more, problem } = panel
  const [first] = lines
  const last = first === undefined ? null : lastOf(first)
  return (
    <>
      <h4>{title}</h4>
      {kind === 'figure' && <p class="figure">{last === null ? '–' : unitText(last, unit)}</p>}
      {kind === 'lines' && lines.length > 0 && <PanelChart panel={panel} times={times} />}
      {kind === 'lines' && lines.length === 0 && problem === null && <p class="quiet">No values in this time.</p>}
      {problem !== null && <p class="why">{problem}</p>}
      {more > 0 && <p class="quiet">{more} more lines are not shown.</p>}
      {description !== null && <p class="quiet about">{description}</p>}
    </>
  )
}
