import type { ServiceCalls, Span, Trace, TraceSummary } from '../src/commands/ui/api.ts'
import type { Graph } from './model.ts'

/** What the view of the traces shows. Everything here is pure. */

/** `250 µs`, `12.4 ms`, `1.25 s`. */
export function durationText(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`
  if (ms < 1000) return `${ms < 100 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`
  return `${Math.round(ms / 10) / 100} s`
}

/** The traces that a text is in: the name of the first span, a service, or the ID. */
export function matching(traces: readonly TraceSummary[], text: string): TraceSummary[] {
  const wanted = text.toLowerCase()
  return traces.filter(({ id, name, services }) =>
    [id, name, ...services.map((service) => service.name)].some((each) => each.toLowerCase().includes(wanted)),
  )
}

/** How much of the longest duration a bar fills, in hundredths. At least one, so that it is seen. */
export function shareOf(ms: number, longest: number): number {
  return longest <= 0 ? 1 : Math.min(100, Math.max(1, Math.round((100 * ms) / longest)))
}

/** Where the bar of a span begins, and how wide it is, in hundredths of the trace. */
export function barOf({ offset, ms }: Pick<Span, 'offset' | 'ms'>, trace: Pick<Trace, 'ms'>) {
  if (trace.ms <= 0) return { left: 0, width: 100 }
  const left = Math.min(99.5, Math.max(0, (100 * offset) / trace.ms))
  return { left, width: Math.min(100 - left, Math.max(0.5, (100 * ms) / trace.ms)) }
}

/** What the bar of a span shows, in words: `server, from 2 ms on, failed`. */
export function spanText({ kind, offset, error }: Pick<Span, 'kind' | 'offset' | 'error'>): string {
  return [...(kind === null ? [] : [kind]), `from ${durationText(offset)} on`, ...(error ? ['failed'] : [])].join(', ')
}

/** The calls between services as a drawing. */
export function mapOf(calls: readonly ServiceCalls[]): Graph {
  const names = [...new Set(calls.flatMap(({ from, to }) => [from, to]))]
  return {
    nodes: names.map((name) => ({ id: name, part: undefined, label: name })),
    edges: calls.map(({ from, to }) => ({ from, to })),
  }
}
