import { listOf, recordOf } from '../lib/record.ts'
import type { ServiceCalls, Span, Trace, TraceSummary } from './trace.ts'

/** What Jaeger's API answers, as devk shows it. Everything here is pure, and takes any JSON. */

const most = { spans: 2000, tags: 60, events: 20, text: 2000, name: 200 }

/** The list in the field `data` of an answer. */
function dataOf(answer: unknown): unknown[] {
  return listOf(recordOf(answer).data)
}

/** Names of services, in order. */
export function servicesIn(answer: unknown): string[] {
  return dataOf(answer)
    .filter((name): name is string => typeof name === 'string' && name !== '')
    .sort()
}

/** The calls between services; those of a service to itself are none. */
export function callsIn(answer: unknown): ServiceCalls[] {
  return dataOf(answer).flatMap((each) => {
    const { parent, child, callCount } = recordOf(each)
    const [from, to] = [textOf(parent, most.name), textOf(child, most.name)]
    return from === '' || to === '' || from === to ? [] : [{ from, to, calls: numberOf(callCount) }]
  })
}

/** The traces of an answer, newest first, each once. */
export function tracesIn(answers: readonly unknown[]): TraceSummary[] {
  const all = answers.flatMap(dataOf).flatMap((each) => summaryOf(rawSpans(each)) ?? [])
  const once = new Map(all.map((each) => [each.id, each]))
  return [...once.values()].sort((a, b) => b.start.localeCompare(a.start))
}

/** The first trace of an answer with its spans; undefined if there is none. */
export function traceIn(answer: unknown): Trace | undefined {
  const spans = rawSpans(dataOf(answer)[0])
  const summary = summaryOf(spans)
  if (summary === undefined) return undefined
  const ordered = inOrder(spans)
  const began = Math.min(...spans.map(({ start }) => start))
  const tree = ordered.slice(0, most.spans).map(({ span, depth }) => shown(span, depth, began))
  return { ...summary, tree, more: ordered.length - tree.length }
}

/** A span of Jaeger. Times in microseconds. */
interface RawSpan {
  readonly trace: string
  readonly id: string
  readonly parent: string | undefined
  readonly service: string
  readonly name: string
  readonly start: number
  readonly duration: number
  readonly tags: ReadonlyMap<string, unknown>
  readonly logs: unknown
}

function rawSpans(trace: unknown): RawSpan[] {
  const { spans, processes } = recordOf(trace)
  const names = recordOf(processes)
  return listOf(spans).map((each) => {
    const { traceID, spanID, references, processID, operationName, startTime, duration, tags, logs } = recordOf(each)
    const parent = listOf(references)
      .map(recordOf)
      .find(({ refType }) => refType === 'CHILD_OF')
    return {
      trace: textOf(traceID, most.name),
      id: textOf(spanID, most.name),
      parent: parent === undefined ? undefined : textOf(parent.spanID, most.name),
      service: textOf(recordOf(names[String(processID)]).serviceName, most.name) || 'unknown',
      name: textOf(operationName, most.name),
      start: numberOf(startTime),
      duration: numberOf(duration),
      tags: tagsOf(tags),
      logs,
    }
  })
}

function summaryOf(spans: readonly RawSpan[]): TraceSummary | undefined {
  const [first] = inOrder(spans)
  if (first === undefined) return undefined
  const { trace: id, service, name } = first.span
  const began = spans.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY)
  const ended = spans.reduce((last, { start, duration }) => Math.max(last, start + duration), 0)
  const counts = Map.groupBy(spans, (span) => span.service)
  return {
    id,
    start: timeOf(began),
    ms: (ended - began) / 1000,
    service,
    name,
    spans: spans.length,
    errors: spans.filter(isError).length,
    services: [...counts].map(([of, own]) => ({ name: of, spans: own.length })),
  }
}

/**
 * The spans, each after its parent, and those of one parent by time. One whose parent is missing begins a tree, and so
 * does one of several that name each other.
 */
function inOrder(spans: readonly RawSpan[]): { readonly span: RawSpan; readonly depth: number }[] {
  const byTime = [...spans].sort((a, b) => a.start - b.start)
  const ids = new Set(spans.map(({ id }) => id))
  const isRoot = ({ parent, id }: RawSpan) => parent === undefined || parent === id || !ids.has(parent)
  const below = Map.groupBy(byTime, ({ parent }) => parent)
  const ordered = new Map<RawSpan, number>()
  for (const root of [...byTime.filter(isRoot), ...byTime]) {
    const waiting = [{ span: root, depth: 0 }]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { span, depth } = next
      if (ordered.has(span)) continue
      ordered.set(span, depth)
      const children = (below.get(span.id) ?? []).filter((child) => !isRoot(child))
      waiting.push(...children.map((child) => ({ span: child, depth: depth + 1 })).reverse())
    }
  }
  return [...ordered].map(([span, depth]) => ({ span, depth }))
}

function shown(span: RawSpan, depth: number, began: number): Span {
  const { id, service, name, start, duration, tags, logs } = span
  const kind = tags.get('span.kind')
  return {
    id,
    depth,
    service,
    name,
    kind: typeof kind === 'string' ? kind.slice(0, most.name) : null,
    offset: (start - began) / 1000,
    ms: duration / 1000,
    error: isError(span),
    tags: [...tags].slice(0, most.tags).map(([key, value]) => [key, textOf(value, most.text)] as const),
    events: listOf(logs)
      .slice(0, most.events)
      .map((each) => {
        const { timestamp, fields } = recordOf(each)
        const text = [...tagsOf(fields)].map(([key, value]) => `${key}=${textOf(value, most.text)}`).join(' ')
        return { offset: (numberOf(timestamp) - began) / 1000, text: text.slice(0, most.text) }
      }),
  }
}

function isError({ tags }: RawSpan): boolean {
  const error = tags.get('error')
  return error === true || error === 'true' || tags.get('otel.status_code') === 'ERROR'
}

function tagsOf(tags: unknown): Map<string, unknown> {
  return new Map(
    listOf(tags).map((each) => {
      const { key, value } = recordOf(each)
      return [textOf(key, most.name), value]
    }),
  )
}

const numberOf = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : 0)

function textOf(value: unknown, longest: number): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : (JSON.stringify(value) ?? '')
  return text.slice(0, longest)
}

/** Microseconds since 1970 as RFC 3339. A time that no date has is 1970. */
function timeOf(microseconds: number): string {
  const date = new Date(microseconds / 1000)
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString()
}
