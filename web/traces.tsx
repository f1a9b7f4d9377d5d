import { signal } from '@preact/signals'
import type { TraceSummary, UiTraces } from '../src/commands/ui/api.ts'
import { ask } from './ask.ts'
import { SearchField, ServiceField } from './list-controls.tsx'
import { ageOf } from './model.ts'
import { usePolled } from './polled.ts'
import { Refusal } from './refusal.tsx'
import { ServiceMap } from './service-map.tsx'
import { now, words } from './store.ts'
import { TraceView } from './trace.tsx'
import './traces.css'
import { durationText, matching, shareOf } from './traces-model.ts'

/** The last answer, and what it was asked for. */
const answer = signal<{ readonly of: string; readonly traces: UiTraces } | undefined>(undefined)
const failedOnly = signal(false)
const filter = signal('')
const paceMs = 10_000

/** The newest traces, or one of them: `#/traces/SERVICE/ID`. */
export function TracesView() {
  const [, service = '', id = ''] = words.value
  return id === '' ? <TraceList service={service} /> : <TraceView key={id} id={id} service={service} />
}

function TraceList({ service }: { readonly service: string }) {
  const of = JSON.stringify([service, failedOnly.value])
  const read = async () => {
    const parameters = { service, failed: String(failedOnly.value) }
    const traces = await ask<UiTraces>('traces', parameters)
    answer.value = { of, traces }
  }
  usePolled(() => void read(), of, paceMs)
  const got = answer.value?.of === of ? answer.value.traces : undefined
  const services = got?.ok ? got.services : service === '' ? [] : [service]
  return (
    <div class="list traces">
      <div class="bar">
        <h2>Traces</h2>
        <SearchField
          label="Filter by name or ID"
          value={filter.value}
          onChange={(text) => {
            filter.value = text
          }}
        />
        <ServiceField view="traces" value={service} names={services} />
        <label class="check">
          <input
            type="checkbox"
            checked={failedOnly.value}
            onChange={({ currentTarget }) => {
              failedOnly.value = currentTarget.checked
            }}
          />
          Only failed
        </label>
      </div>
      {got === undefined && <p class="empty">Reading …</p>}
      {got?.ok === false && <Refusal {...got} />}
      {got?.ok && <Table all={got.traces} service={service} />}
      {got?.ok && got.calls.length > 0 && <ServiceMap calls={got.calls} />}
    </div>
  )
}

function Table({ all, service }: { readonly all: readonly TraceSummary[]; readonly service: string }) {
  const shown = matching(all, filter.value)
  if (shown.length === 0) {
    return (
      <p class="empty">
        {all.length > 0
          ? `Nothing matches “${filter.value}”.`
          : failedOnly.value
            ? 'No trace has failed.'
            : 'No traces yet. A service sends some when requests reach it.'}
      </p>
    )
  }
  const longest = Math.max(...shown.map(({ ms }) => ms))
  return (
    <table>
      <caption>The newest traces, newest first</caption>
      <thead>
        <tr>
          <th scope="col">First span</th>
          <th scope="col">Duration</th>
          <th scope="col" class="more">
            Spans
          </th>
          <th scope="col">Age</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((trace) => (
          <Row key={trace.id} trace={trace} longest={longest} service={service} />
        ))}
      </tbody>
    </table>
  )
}

interface RowProps {
  readonly trace: TraceSummary
  readonly longest: number
  readonly service: string
}

function Row({ trace: { id, start, ms, name, spans, errors, services, service: first }, longest, service }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <a href={`#/traces/${encodeURIComponent(service)}/${encodeURIComponent(id)}`}>{name || id}</a>{' '}
        <span class="quiet">{first}</span>
        {errors > 0 && <span class="failed-mark"> ✖ {errors} failed</span>}
      </th>
      <td class="number">
        {durationText(ms)}
        <svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
          <rect width={shareOf(ms, longest)} height="4" />
        </svg>
      </td>
      <td class="more wrap">{services.map((each) => `${each.name} ${each.spans}`).join(', ') || spans}</td>
      <td class="number">{ageOf(start, now.value)}</td>
    </tr>
  )
}
