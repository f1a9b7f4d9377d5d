import { docker } from './engine.ts'

/** One line of a query's answer. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

/** A span's trace as Jaeger's API gives it. */
export interface Trace {
  readonly traceID: string
  readonly spans: readonly { readonly operationName: string; readonly processID: string }[]
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>
}

/** What a test asks of the presets prometheus, jaeger and logging, through the API server of a project's cluster. */
export interface Monitoring {
  kubectl(...args: string[]): Promise<string>
  /** What the API server answers at a path. */
  read<T>(path: string): Promise<T>
  targets(): Promise<readonly { scrapePool: string; health: string; lastError: string; scrapeUrl: string }[]>
  query(expr: string): Promise<readonly Series[]>
  /** Trace ids that Prometheus keeps beside the values of a metric, newest first. */
  exemplars(expr: string): Promise<readonly string[]>
  alerts(): Promise<readonly { labels: Readonly<Record<string, string>> }[]>
  traces(service: string): Promise<readonly Trace[]>
  trace(id: string): Promise<Trace | undefined>
  /** Lines with their labels, of the last ten minutes. */
  logs(query: string): Promise<readonly { stream: Readonly<Record<string, string>>; values: readonly string[][] }[]>
}

export function monitoringOf(node: string): Monitoring {
  const kubectl = (...args: string[]) =>
    docker('exec', node, 'kubectl', '--kubeconfig=/etc/kubernetes/admin.conf', ...args)
  const read = async <T>(path: string) => JSON.parse(await kubectl('get', '--raw', path)) as T
  const ask = async <T>(service: string, path: string, parameters: Record<string, string> = {}): Promise<T> => {
    const base = `/api/v1/namespaces/monitoring/services/${service}/proxy`
    const text = new URLSearchParams(parameters).toString()
    return read<T>(`${base}${path}${text === '' ? '' : `?${text}`}`)
  }
  const nanoseconds = (secondsAgo: number) => `${Math.round(Date.now() / 1000 - secondsAgo)}000000000`
  return {
    kubectl,
    read,
    async targets() {
      type Answer = { data: { activeTargets: Awaited<ReturnType<Monitoring['targets']>> } }
      return (await ask<Answer>('prometheus:9090', '/api/v1/targets', { state: 'active' })).data.activeTargets
    },
    async query(expr) {
      type Answer = { data: { result: Series[] } }
      return (await ask<Answer>('prometheus:9090', '/api/v1/query', { query: expr })).data.result
    },
    async exemplars(expr) {
      type Answer = { data: { exemplars: { labels: Record<string, string>; timestamp: number }[] }[] }
      const end = Date.now() / 1000
      const range = { start: String(end - 600), end: String(end) }
      const { data } = await ask<Answer>('prometheus:9090', '/api/v1/query_exemplars', { query: expr, ...range })
      const all = data.flatMap(({ exemplars }) => exemplars).sort((a, b) => b.timestamp - a.timestamp)
      return all.flatMap(({ labels }) => labels.trace_id ?? [])
    },
    alerts: () => ask('alertmanager:9093', '/api/v2/alerts'),
    async traces(service) {
      return (await ask<{ data: Trace[] }>('jaeger:16686', '/api/traces', { service, limit: '50' })).data
    },
    async trace(id) {
      return (await ask<{ data: Trace[] }>('jaeger:16686', `/api/traces/${id}`)).data[0]
    },
    async logs(query) {
      type Answer = { data: { result: Awaited<ReturnType<Monitoring['logs']>> } }
      const range = { start: nanoseconds(600), end: nanoseconds(-60), limit: '50' }
      return (await ask<Answer>('loki:3100', '/loki/api/v1/query_range', { query, ...range })).data.result
    },
  }
}
