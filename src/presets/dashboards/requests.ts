import type { Query } from './panel.ts'

/** Queries for the rate, errors and durations of the requests to a service. */
export interface RequestQueries {
  readonly rate: Query
  readonly errors: Query
  readonly durations: readonly Query[]
  readonly durationUnit: 'ms' | 's'
  /** A sentence about the source of the numbers; the panels show it. */
  readonly source: string
}

/** The same for all services at once: each query has one series for each service, named by the label `of`. */
export interface RequestTotals {
  readonly of: string
  readonly rate: string
  readonly errors: string
  readonly p95: string
  readonly durationUnit: 'ms' | 's'
}

/** Where the numbers come from. */
interface Source {
  /** The label with the name of the service. */
  readonly of: string
  /** What else selects the requests to it. */
  readonly only: readonly string[]
  readonly count: string
  readonly bucket: string
  /** Selects the requests that failed. */
  readonly failed: string
  /** The label with the name of what was asked for. */
  readonly what: string
  readonly unit: 'ms' | 's'
  readonly source: string
}

/** The spans that Jaeger receives. The application needs no metrics, and the values have exemplars. */
const spans: Source = {
  of: 'service_name',
  only: ['span_kind="SPAN_KIND_SERVER"'],
  count: 'traces_span_metrics_calls_total',
  bucket: 'traces_span_metrics_duration_milliseconds_bucket',
  failed: 'status_code="STATUS_CODE_ERROR"',
  what: 'span_name',
  unit: 'ms',
  source: 'Counted from the server spans that the service sends to Jaeger.',
}

/** The metrics of the application: the histogram http.server.request.duration of the OpenTelemetry conventions. */
const metrics: Source = {
  of: 'service',
  only: [],
  count: 'http_server_request_duration_seconds_count',
  bucket: 'http_server_request_duration_seconds_bucket',
  failed: 'http_response_status_code=~"5.."',
  what: 'http_route',
  unit: 's',
  source: 'From http_server_request_duration_seconds, a histogram of the OpenTelemetry conventions.',
}

const sourceOf = (presets: ReadonlySet<string>) => (presets.has('jaeger') ? spans : metrics)
const quantiles = [0.5, 0.95, 0.99]

/** Queries for one service: on spans with the preset jaeger, or else on the metrics of the service. Pure. */
export function requestQueries(service: string, presets: ReadonlySet<string>): RequestQueries {
  const from = sourceOf(presets)
  const own = [`${from.of}="${service}"`, ...from.only]
  const calls = (...more: string[]) => `sum(${rateOf(from.count, [...own, ...more])})`
  return {
    rate: {
      expr: `sum by (${from.what}) (${rateOf(from.count, own)})`,
      legend: `{{${from.what}}}`,
      exemplars: true,
    },
    errors: { expr: ratio(calls(from.failed), calls()), legend: 'errors' },
    durations: quantiles.map((q) => ({
      expr: quantile(q, 'le', rateOf(from.bucket, own)),
      legend: `p${q * 100}`,
      exemplars: true,
    })),
    durationUnit: from.unit,
    source: from.source,
  }
}

/** Queries for all services at once, from the same source. Pure. */
export function requestTotals(presets: ReadonlySet<string>): RequestTotals {
  const { of, only, count, bucket, failed, unit } = sourceOf(presets)
  const calls = (...more: string[]) => `sum by (${of}) (${rateOf(count, [...only, ...more])})`
  const p95 = quantile(0.95, `le, ${of}`, rateOf(bucket, only))
  return { of, rate: calls(), errors: ratio(calls(failed), calls()), p95, durationUnit: unit }
}

function rateOf(metric: string, labels: readonly string[]): string {
  return `rate(${metric}{${labels.join(', ')}}[$__rate_interval])`
}

/** Divides two rates. The result is 0 if the first one has no series, and empty if there are no requests. */
function ratio(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / (${whole} > 0)`
}

function quantile(q: number, by: string, rates: string): string {
  return `histogram_quantile(${q}, sum by (${by}) (${rates}))`
}
