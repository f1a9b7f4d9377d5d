import { isRecord } from '../../lib/record.ts'
import type { Relabel } from './select.ts'

/** An endpoint of a ServiceMonitor or PodMonitor, with the fields that devk reads. */
export interface MonitorEndpoint {
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

const supported = new Set([
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

/**
 * The settings of a scrape configuration that come from an endpoint: interval, path, TLS, and relabeling of metrics.
 * Pure.
 */
export function scrapeSettings(endpoint: MonitorEndpoint): Record<string, unknown> {
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

/** Converts a relabeling rule from the spelling of prometheus-operator to that of Prometheus. Pure. */
export function relabelOf(rule: Readonly<Record<string, unknown>>): Relabel {
  const { sourceLabels, targetLabel, action, ...same } = rule
  return {
    ...same,
    ...(Array.isArray(sourceLabels) ? { source_labels: sourceLabels.map(String) } : {}),
    ...(targetLabel === undefined ? {} : { target_label: String(targetLabel) }),
    ...(action === undefined ? {} : { action: String(action).toLowerCase() }),
  }
}

/**
 * The fields of an endpoint that devk does not support, such as credentials and certificates from Secrets, or proxies.
 * Pure.
 */
export function unsupportedFields(endpoint: MonitorEndpoint): string[] {
  const fields = Object.keys(endpoint).filter((field) => !supported.has(field))
  const { tlsConfig } = endpoint
  const tls = isRecord(tlsConfig) ? Object.keys(tlsConfig) : []
  return [
    ...fields,
    ...tls.filter((field) => !['insecureSkipVerify', 'serverName'].includes(field)).map((it) => `tlsConfig.${it}`),
  ]
}
