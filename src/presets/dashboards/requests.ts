import type { Query } from './panel.ts'

/** Where the figures of a service's requests come from, and the queries that read them. */
export interface RequestQueries {
  readonly rate: Query
  readonly errors: Query
  readonly durations: readonly Query[]
  readonly durationUnit: 'ms' | 's'
  /** In plain words, shown with the panels. */
  readonly source: string
}

const quantiles = [0.5, 0.95, 0.99]

/** From the spans that reach Jaeger: they need no metrics in the application, and carry exemplars. */
export function requestsFromSpans(service: string): RequestQueries {
  const server = `service_name="${service}", span_kind="SPAN_KIND_SERVER"`
  const calls = (more = '') => `sum(rate(traces_span_metrics_calls_total{${server}${more}}[$__rate_interval]))`
  return {
    rate: {
      expr: `sum by (span_name) (rate(traces_span_metrics_calls_total{${server}}[$__rate_interval]))`,
      legend: '{{span_name}}',
      exemplars: true,
    },
    errors: { expr: ratio(calls(', status_code="STATUS_CODE_ERROR"'), calls()), legend: 'errors' },
    durations: quantiles.map((q) => ({
      expr: quantile(q, `traces_span_metrics_duration_milliseconds_bucket{${server}}`),
      legend: `p${q * 100}`,
      exemplars: true,
    })),
    durationUnit: 'ms',
    source: 'Counted from the spans of kind server that the service sends to Jaeger.',
  }
}

/** From the histogram that OpenTelemetry's conventions name, which the application offers on its metrics port. */
export function requestsFromMetrics(service: string): RequestQueries {
  const own = `service="${service}"`
  const count = (more = '') => `sum(rate(http_server_request_duration_seconds_count{${own}${more}}[$__rate_interval]))`
  return {
    rate: {
      expr: `sum by (http_route) (rate(http_server_request_duration_seconds_count{${own}}[$__rate_interval]))`,
      legend: '{{http_route}}',
      exemplars: true,
    },
    errors: { expr: ratio(count(', http_response_status_code=~"5.."'), count()), legend: 'errors' },
    durations: quantiles.map((q) => ({
      expr: quantile(q, `http_server_request_duration_seconds_bucket{${own}}`),
      legend: `p${q * 100}`,
      exemplars: true,
    })),
    durationUnit: 's',
    source: 'From http_server_request_duration_seconds, the histogram of the OpenTelemetry conventions.',
  }
}

/** A part of a whole: zero while the part has never been counted, nothing while there are no requests. */
function ratio(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / (${whole} > 0)`
}

function quantile(q: number, histogram: string): string {
  return `histogram_quantile(${q}, sum by (le) (rate(${histogram}[$__rate_interval])))`
}
