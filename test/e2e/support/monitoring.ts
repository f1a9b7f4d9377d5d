import { type Kubectl, kubectlIn } from './kubectl.ts'

/** One series of the answer to a Prometheus query. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

/** A trace as Jaeger's API gives it. */
export interface Trace {
  readonly traceID: string
  readonly spans: readonly { readonly operationName: string; readonly processID: string }[]
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>
}

/** Queries to the presets prometheus, jaeger and logging, which go through the API server of a project's cluster. */
export interface Monitoring {
  readonly kubectl: Kubectl
  /** The JSON that the API server answers at a path. */
  read<T>(path: string): Promise<T>
  /** The active scrape targets of Prometheus. */
  targets(): Promise<readonly { scrapePool: string; health: string; lastError: string; scrapeUrl: string }[]>
  /** An instant query to Prometheus. */
  query(expr: string): Promise<readonly Series[]>
  /** Trace IDs of the exemplars of a metric in the last ten minutes, newest first. */
  exemplars(expr: string): Promise<readonly string[]>
  /** The alerts that Alertmanager has received. */
  alerts(): Promise<readonly { labels: Readonly<Record<string, string>> }[]>
  /** The last 50 traces with a span of a service. */
  traces(service: string): Promise<readonly Trace[]>
  trace(id: string): Promise<Trace | undefined>
  /** At most 50 log lines of the last ten minutes that a LogsQL query finds, each with its fields. */
  logs(query: string): Promise<readonly Readonly<Record<string, string>>[]>
}

/** The monitoring of the cluster whose first control-plane node is this container. */
export function monitoringOf(node: string): Monitoring {
  const kubectl = kubectlIn(node)
  const read = async <T>(path: string) => JSON.parse(await kubectl('get', '--raw', path)) as T
  const pathTo = (service: string, path: string, parameters: Record<string, string> = {}) => {
    const text = new URLSearchParams(parameters).toString()
    return `/api/v1/namespaces/monitoring/services/${service}/proxy${path}${text === '' ? '' : `?${text}`}`
  }
  const getFrom = <T>(...request: Parameters<typeof pathTo>) => read<T>(pathTo(...request))
  return {
    kubectl,
    read,
    async targets() {
      type Answer = { data: { activeTargets: Awaited<ReturnType<Monitoring['targets']>> } }
      return (await getFrom<Answer>('prometheus:9090', '/api/v1/targets', { state: 'active' })).data.activeTargets
    },
    async query(expr) {
      type Answer = { data: { result: Series[] } }
      return (await getFrom<Answer>('prometheus:9090', '/api/v1/query', { query: expr })).data.result
    },
    async exemplars(expr) {
      type Answer = { data: { exemplars: { labels: Record<string, string>; timestamp: number }[] }[] }
      const end = Date.now() / 1000
      const range = { start: String(end - 600), end: String(end) }
      const { data } = await getFrom<Answer>('prometheus:9090', '/api/v1/query_exemplars', { query: expr, ...range })
      const all = data.flatMap(({ exemplars }) => exemplars).sort((a, b) => b.timestamp - a.timestamp)
      return all.flatMap(({ labels }) => labels.trace_id ?? [])
    },
    alerts: () => getFrom('alertmanager:9093', '/api/v2/alerts'),
    async traces(service) {
      return (await getFrom<{ data: Trace[] }>('jaeger:16686', '/api/traces', { service, limit: '50' })).data
    },
    async trace(id) {
      return (await getFrom<{ data: Trace[] }>('jaeger:16686', `/api/traces/${id}`)).data[0]
    },
    async logs(query) {
      const request = { query, start: '10m', limit: '50' }
      const lines = await kubectl('get', '--raw', pathTo('victoria-logs:9428', '/select/logsql/query', request))
      return lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
    },
  }
}
