import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Span, Trace, UiTrace } from '../src/commands/ui/api.ts'
import { ask } from './ask.ts'
import { Refusal } from './refusal.tsx'
import { barOf, durationText, spanText } from './traces-model.ts'

/** One trace as a waterfall: each span below the one that caused it. A span opens its details. */
export function TraceView({ id, service }: { readonly id: string; readonly service: string }) {
  const answer = useSignal<UiTrace | undefined>(undefined)
  useEffect(() => {
    void ask<UiTrace>('trace', { id }).then((got) => {
      answer.value = got
    })
  }, [])
  const got = answer.value
  return (
    <div class="list trace">
      <div class="bar">
        <h2>{got?.ok ? got.trace.name || 'Trace' : 'Trace'}</h2>
        <a href={`#/traces/${encodeURIComponent(service)}`}>All traces</a>
        <a href={`#/logs//${encodeURIComponent(id)}`}>Lines of this trace</a>
      </div>
      {got === undefined && <p class="empty">Reading …</p>}
      {got?.ok === false && <Refusal {...got} />}
      {got?.ok && <Waterfall trace={got.trace} />}
    </div>
  )
}

function Waterfall({ trace }: { readonly trace: Trace }) {
  const { id, start, ms, spans, errors, services, tree, more } = trace
  return (
    <>
      <p class="quiet">
        {new Date(start).toLocaleString('en-GB')} · {durationText(ms)} · {spans} spans of{' '}
        {services.map(({ name }) => name).join(', ')}
        {errors > 0 && ` · ${errors} failed`} · <code>{id}</code>
      </p>
      <ol class="spans" aria-label="Spans">
        {tree.map((span, index) => (
          <SpanRow key={`${span.id} ${index}`} span={span} trace={trace} />
        ))}
      </ol>
      {more > 0 && <p class="note">{more} more spans are not shown.</p>}
    </>
  )
}

function SpanRow({ span, trace }: { readonly span: Span; readonly trace: Trace }) {
  const { service, name, depth, ms, error, tags, events } = span
  const { left, width } = barOf(span, trace)
  return (
    <li class={error ? 'error' : ''}>
      <details>
        <summary>
          <span class="name" style={{ paddingLeft: `${Math.min(depth, 24) * 12}px` }}>
            {error && <span aria-hidden="true">✖ </span>}
            <strong>{service}</strong> {name}
          </span>
          <svg class="bar-of-span" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            <rect x={left} width={width} height="10" />
          </svg>
          <span class="number">{durationText(ms)}</span>
          <span class="hidden">{spanText(span)}</span>
        </summary>
        <dl>
          {tags.map(([key, value]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          {events.map(({ offset, text }, index) => (
            <div key={index}>
              <dt>after {durationText(offset)}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </details>
    </li>
  )
}
