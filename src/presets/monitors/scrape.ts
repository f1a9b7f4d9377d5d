import type { KubeObject } from '../../kube/api.ts'
import { type MonitorEndpoint, relabelOf, scrapeSettings, unsupportedFields } from './endpoint.ts'
import { keepSelected, labelName, literal, type Relabel, type Selector } from './select.ts'

/** The scrape configuration for a ServiceMonitor or PodMonitor. */
export interface Scrape {
  /** Entries of `scrape_configs`. */
  readonly configs: readonly object[]
  /** A sentence for each field that devk does not support. */
  readonly warnings: readonly string[]
}

interface MonitorSpec {
  readonly selector?: Selector
  readonly namespaceSelector?: { readonly any?: boolean; readonly matchNames?: readonly string[] }
  readonly jobLabel?: string
  readonly targetLabels?: readonly string[]
  readonly podTargetLabels?: readonly string[]
  readonly sampleLimit?: number
  readonly endpoints?: readonly MonitorEndpoint[]
  readonly podMetricsEndpoints?: readonly MonitorEndpoint[]
}

/**
 * Converts a ServiceMonitor or PodMonitor to scrape configuration, as prometheus-operator does. Supports the selector,
 * namespaces, port or target port, path, scheme, interval and timeout, parameters, honorLabels and honorTimestamps, TLS
 * without certificates, relabeling, and job and target labels. Pure.
 */
export function scrapeOf(monitor: KubeObject): Scrape {
  const spec = (monitor.spec ?? {}) as MonitorSpec
  const of = monitor.kind === 'PodMonitor' ? 'pod' : 'service'
  const endpoints = (of === 'pod' ? spec.podMetricsEndpoints : spec.endpoints) ?? []
  const { namespace = 'default', name } = monitor.metadata
  const id = `${namespace}/${name}`
  return {
    configs: endpoints.map((endpoint, i) => ({
      job_name: `${of === 'pod' ? 'podMonitor' : 'serviceMonitor'}/${id}/${i}`,
      ...scrapeSettings(endpoint),
      ...(spec.sampleLimit === undefined ? {} : { sample_limit: spec.sampleLimit }),
      kubernetes_sd_configs: [{ role: of === 'pod' ? 'pod' : 'endpointslice', ...namespacesOf(spec, namespace) }],
      relabel_configs: [
        ...keepSelected(spec.selector ?? {}, of),
        { source_labels: ['__meta_kubernetes_pod_phase'], regex: '(Failed|Succeeded)', action: 'drop' },
        ...keepPort(endpoint, of),
        ...labelsOf(spec, of, endpoint),
        ...(endpoint.relabelings ?? []).map(relabelOf),
      ],
    })),
    warnings: endpoints.flatMap((endpoint, i) =>
      unsupportedFields(endpoint).map((field) => `${monitor.kind} ${id}: endpoint ${i + 1}: ${field} is not supported`),
    ),
  }
}

function namespacesOf({ namespaceSelector }: MonitorSpec, own: string): object {
  if (namespaceSelector?.any === true) return {}
  return { namespaces: { names: namespaceSelector?.matchNames ?? [own] } }
}

function keepPort({ port, targetPort }: MonitorEndpoint, of: 'service' | 'pod'): Relabel[] {
  if (port !== undefined) {
    const source =
      of === 'pod' ? '__meta_kubernetes_pod_container_port_name' : '__meta_kubernetes_endpointslice_port_name'
    return [{ source_labels: [source], regex: literal(port), action: 'keep' }]
  }
  if (targetPort === undefined) return []
  const kind = typeof targetPort === 'number' ? 'number' : 'name'
  const source_labels = [`__meta_kubernetes_pod_container_port_${kind}`]
  return [{ source_labels, regex: literal(String(targetPort)), action: 'keep' }]
}

function labelsOf(spec: MonitorSpec, of: 'service' | 'pod', endpoint: MonitorEndpoint): Relabel[] {
  const copy = (from: string, to: string): Relabel => ({ source_labels: [from], regex: '(.+)', target_label: to })
  const meta = (field: string, to: string) => copy(`__meta_kubernetes_${field}`, to)
  const name = of === 'pod' ? undefined : '__meta_kubernetes_service_name'
  const job = spec.jobLabel === undefined ? [] : [meta(`${of}_label_${labelName(spec.jobLabel)}`, 'job')]
  const port = String(endpoint.port ?? endpoint.targetPort ?? '')
  return [
    meta('namespace', 'namespace'),
    meta('pod_name', 'pod'),
    meta('pod_container_name', 'container'),
    ...(name === undefined ? [] : [copy(name, 'service'), copy(name, 'job')]),
    ...(port === '' ? [] : [{ target_label: 'endpoint', replacement: port }]),
    ...job,
    ...(spec.targetLabels ?? []).map((key) => meta(`service_label_${labelName(key)}`, labelName(key))),
    ...(spec.podTargetLabels ?? []).map((key) => meta(`pod_label_${labelName(key)}`, labelName(key))),
  ]
}
