import { inParallel } from '../lib/parallel.ts'
import { type AskedStack, askerOf } from './ask.ts'
import { callsIn, servicesIn, traceIn, tracesIn } from './jaeger.ts'
import type { ServiceCalls, Trace, TraceSummary } from './trace.ts'

/** The newest traces of a stack, and which services call each other. */
export interface Traces {
  /** The services that have sent spans. */
  readonly services: readonly string[]
  /** Newest first. */
  readonly traces: readonly TraceSummary[]
  readonly calls: readonly ServiceCalls[]
}

/** Which traces to list. */
export interface TracesQuery {
  /** Only those with a span of this service; empty: of all. */
  readonly service: string
  /** Only those with a span that failed. */
  readonly failed: boolean
}

/** The port of its query API. */
const jaeger = { preset: 'jaeger', port: 16686 }
/** How many services are asked for when none is named, and how many traces of each. */
const most = { services: 24, ofOne: 60, ofEach: 20, listed: 100 }
/** How many questions wait for their answer at once. */
const atOnce = 6
/** How far back calls are counted. */
const lookbackMs = 3_600_000

/** Reads the newest traces from Jaeger. Throws what `askerOf` throws. */
export async function readTraces(
  open: AskedStack,
  { service, failed }: TracesQuery,
  { now, signal }: { readonly now: number; readonly signal: AbortSignal },
): Promise<Traces> {
  const asks = await askerOf(open, jaeger, signal)
  const ask = (path: string, parameters: Record<string, string> = {}) =>
    asks(`/api/${path}?${new URLSearchParams(parameters)}`)
  const [names, calls] = await Promise.all([
    ask('services'),
    ask('dependencies', { endTs: String(now), lookback: String(lookbackMs) }),
  ])
  const services = servicesIn(names)
  const wanted = service === '' ? services.slice(0, most.services) : [service]
  const limit = String(wanted.length === 1 ? most.ofOne : most.ofEach)
  const tags: Record<string, string> = failed ? { tags: '{"error":"true"}' } : {}
  const answers = await inParallel(wanted, atOnce, (each) => ask('traces', { service: each, limit, ...tags }))
  return { services, traces: tracesIn(answers).slice(0, most.listed), calls: callsIn(calls) }
}

/** Whether a text is the ID of a trace: hexadecimal digits. */
export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{1,32}$/i.test(text)
}

/** Reads one trace; undefined if Jaeger has none with this ID, or no longer. Throws what `askerOf` throws. */
export async function readTrace(open: AskedStack, id: string, signal: AbortSignal): Promise<Trace | undefined> {
  const ask = await askerOf(open, jaeger, signal)
  return traceIn(await ask(`/api/traces/${encodeURIComponent(id)}`))
}
