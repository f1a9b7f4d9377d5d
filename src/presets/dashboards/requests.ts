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

const quantiles = [0.5, 0.95, 0.99]

/** Queries on the spans that Jaeger receives. The application needs no metrics, and the values have exemplars. Pure. */
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
    source: 'Counted from the server spans that the service sends to Jaeger.',
  }
}

/**
 * Queries on the metrics of the application: the histogram http.server.request.duration of the OpenTelemetry semantic
 * conventions. Pure.
 */
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
    source: 'From http_server_request_duration_seconds, a histogram of the OpenTelemetry conventions.',
  }
}

/** Divides two rates. The result is 0 if the first one has no series, and empty if there are no requests. */
function ratio(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / (${whole} > 0)`
}

function quantile(q: number, histogram: string): string {
  return `histogram_quantile(${q}, sum by (le) (rate(${histogram}[$__rate_interval])))`
}
