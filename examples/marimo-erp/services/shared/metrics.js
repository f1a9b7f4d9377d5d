/** Counts requests by status and adds up their time, in the words of Prometheus. */
export function metrics(service) {
  const statuses = new Map()
  let seconds = 0
  return {
    /** A request began; the result tells how it ended. */
    began() {
      const start = performance.now()
      return (status) => {
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        seconds += (performance.now() - start) / 1000
      }
    },
    text() {
      const total = [...statuses.values()].reduce((sum, count) => sum + count, 0)
      return [
        '# TYPE http_requests_total counter',
        ...[...statuses].map(([status, n]) => `http_requests_total{service="${service}",status="${status}"} ${n}`),
        '# TYPE http_request_duration_seconds summary',
        `http_request_duration_seconds_sum{service="${service}"} ${seconds}`,
        `http_request_duration_seconds_count{service="${service}"} ${total}`,
        '',
      ].join('\n')
    },
  }
}
