import type { KubeObject } from '../../kube/api.ts'
import { type Endpoint, relabelOf, requestOf, unreadFields } from './endpoint.ts'
import { keepSelected, labelName, literal, type Relabel, type Selector } from './select.ts'

/** What a ServiceMonitor or PodMonitor becomes. */
export interface Scrape {
  /** Entries of `scrape_configs`. */
  readonly configs: readonly object[]
  /** In plain words: what the object asks for and devk does not do. */
  readonly warnings: readonly string[]
}

interface MonitorSpec {
  readonly selector?: Selector
  readonly namespaceSelector?: { readonly any?: boolean; readonly matchNames?: readonly string[] }
  readonly jobLabel?: string
  readonly targetLabels?: readonly string[]
  readonly podTargetLabels?: readonly string[]
  readonly sampleLimit?: number
  readonly endpoints?: readonly Endpoint[]
  readonly podMetricsEndpoints?: readonly Endpoint[]
}

/**
 * Scrape configuration for a ServiceMonitor or a PodMonitor, as the operator would write it. Pure. Followed are: the selector, namespaces,
 * port or target port, path, scheme, interval and timeout, parameters, honoured labels, insecure TLS, relabelling, job and target labels.
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
      ...requestOf(endpoint),
      ...(spec.sampleLimit === undefined ? {} : { sample_limit: spec.sampleLimit }),
      kubernetes_sd_configs: [{ role: of === 'pod' ? 'pod' : 'endpointslice', ...within(spec, namespace) }],
      relabel_configs: [
        ...keepSelected(spec.selector ?? {}, of),
        { source_labels: ['__meta_kubernetes_pod_phase'], regex: '(Failed|Succeeded)', action: 'drop' },
        ...keepPort(endpoint, of),
        ...labelsOf(spec, of, endpoint),
        ...(endpoint.relabelings ?? []).map(relabelOf),
      ],
    })),
    warnings: endpoints.flatMap((endpoint, i) =>
      unreadFields(endpoint).map((field) => `${monitor.kind} ${id}: endpoint ${i + 1}: ${field} is not followed`),
    ),
  }
}

function within({ namespaceSelector }: MonitorSpec, own: string): object {
  if (namespaceSelector?.any === true) return {}
  return { namespaces: { names: namespaceSelector?.matchNames ?? [own] } }
}

function keepPort({ port, targetPort }: Endpoint, of: 'service' | 'pod'): Relabel[] {
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

function labelsOf(spec: MonitorSpec, of: 'service' | 'pod', endpoint: Endpoint): Relabel[] {
  const copy = (from: string, to: string): Relabel => ({ source_labels: [from], regex: '(.+)', target_label: to })
  const meta = (field: string, to: string) => copy(`__meta_kubernetes_${field}`, to)
  const name = of === 'pod' ? undefined : '__meta_kubernetes_service_name'
  const job = spec.jobLabel === undefined ? [] : [meta(`${of}_label_${labelName(spec.jobLabel)}`, 'job')]
  const end = String(endpoint.port ?? endpoint.targetPort ?? '')
  return [
    meta('namespace', 'namespace'),
    meta('pod_name', 'pod'),
    meta('pod_container_name', 'container'),
    ...(name === undefined ? [] : [copy(name, 'service'), copy(name, 'job')]),
    ...(end === '' ? [] : [{ target_label: 'endpoint', replacement: end }]),
    ...job,
    ...(spec.targetLabels ?? []).map((key) => meta(`service_label_${labelName(key)}`, labelName(key))),
    ...(spec.podTargetLabels ?? []).map((key) => meta(`pod_label_${labelName(key)}`, labelName(key))),
  ]
}
