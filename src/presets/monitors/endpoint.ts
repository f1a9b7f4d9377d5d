import { isRecord } from '../../manifests/rendered.ts'
import type { Relabel } from './select.ts'

/** One endpoint of a ServiceMonitor or PodMonitor, as far as devk reads it. */
export interface Endpoint {
  readonly port?: string
  readonly targetPort?: string | number
  readonly path?: string
  readonly scheme?: string
  readonly interval?: string
  readonly scrapeTimeout?: string
  readonly params?: Readonly<Record<string, readonly string[]>>
  readonly honorLabels?: boolean
  readonly honorTimestamps?: boolean
  readonly tlsConfig?: { readonly insecureSkipVerify?: boolean; readonly serverName?: string }
  readonly relabelings?: readonly Readonly<Record<string, unknown>>[]
  readonly metricRelabelings?: readonly Readonly<Record<string, unknown>>[]
}

const read = new Set([
  'port',
  'targetPort',
  'portNumber',
  'path',
  'scheme',
  'interval',
  'scrapeTimeout',
  'params',
  'honorLabels',
  'honorTimestamps',
  'tlsConfig',
  'relabelings',
  'metricRelabelings',
  'filterRunning',
])

/** The part of a scrape configuration that an endpoint decides: where and how often to ask, and what to keep. Pure. */
export function requestOf(endpoint: Endpoint): Record<string, unknown> {
  const tls = endpoint.tlsConfig
  return {
    ...(endpoint.interval === undefined ? {} : { scrape_interval: endpoint.interval }),
    ...(endpoint.scrapeTimeout === undefined ? {} : { scrape_timeout: endpoint.scrapeTimeout }),
    ...(endpoint.path === undefined ? {} : { metrics_path: endpoint.path }),
    ...(endpoint.scheme === undefined ? {} : { scheme: endpoint.scheme.toLowerCase() }),
    ...(endpoint.params === undefined ? {} : { params: endpoint.params }),
    ...(endpoint.honorLabels === undefined ? {} : { honor_labels: endpoint.honorLabels }),
    ...(endpoint.honorTimestamps === undefined ? {} : { honor_timestamps: endpoint.honorTimestamps }),
    ...(tls === undefined
      ? {}
      : {
          tls_config: {
            insecure_skip_verify: tls.insecureSkipVerify ?? false,
            ...(tls.serverName === undefined ? {} : { server_name: tls.serverName }),
          },
        }),
    ...(endpoint.metricRelabelings === undefined
      ? {}
      : { metric_relabel_configs: endpoint.metricRelabelings.map(relabelOf) }),
  }
}

/** A relabelling as the operator's objects write it, as Prometheus does. */
export function relabelOf(written: Readonly<Record<string, unknown>>): Relabel {
  const { sourceLabels, targetLabel, action, ...same } = written
  return {
    ...same,
    ...(Array.isArray(sourceLabels) ? { source_labels: sourceLabels.map(String) } : {}),
    ...(targetLabel === undefined ? {} : { target_label: String(targetLabel) }),
    ...(action === undefined ? {} : { action: String(action).toLowerCase() }),
  }
}

/** Fields of an endpoint that say how to ask and that devk does not follow: credentials and certificates out of Secrets, proxies. */
export function unreadFields(endpoint: Endpoint): string[] {
  const own = Object.keys(endpoint).filter((field) => !read.has(field))
  const { tlsConfig } = endpoint
  const tls = isRecord(tlsConfig) ? Object.keys(tlsConfig) : []
  return [
    ...own,
    ...tls.filter((field) => !['insecureSkipVerify', 'serverName'].includes(field)).map((it) => `tlsConfig.${it}`),
  ]
}
