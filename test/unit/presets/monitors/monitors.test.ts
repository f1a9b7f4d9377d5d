import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { projectMonitors } from '../../../../src/presets/monitors/config-maps.ts'
import { scrapeOf } from '../../../../src/presets/monitors/scrape.ts'

const object = (kind: string, rest: object, meta: object = {}): KubeObject => ({
  apiVersion: kind === 'ConfigMap' ? 'v1' : 'monitoring.coreos.com/v1',
  kind,
  metadata: { name: 'web', namespace: 'shop', ...meta },
  ...rest,
})
const monitor = (spec: object, kind = 'ServiceMonitor') => scrapeOf(object(kind, { spec }))
const config = (spec: object, kind?: string) => monitor(spec, kind).configs[0] as Record<string, unknown>
const relabels = (spec: object, kind?: string) => config(spec, kind).relabel_configs

describe('a ServiceMonitor', () => {
  test('scrapes the endpoints of the selected Services in its namespace', () => {
    expect(config({ selector: { matchLabels: { app: 'web' } }, endpoints: [{ port: 'http' }] })).toEqual({
      job_name: 'serviceMonitor/shop/web/0',
      kubernetes_sd_configs: [{ role: 'endpointslice', namespaces: { names: ['shop'] } }],
      relabel_configs: [
        {
          source_labels: ['__meta_kubernetes_service_label_app', '__meta_kubernetes_service_labelpresent_app'],
          regex: '(web);true',
          action: 'keep',
        },
        { source_labels: ['__meta_kubernetes_pod_phase'], regex: '(Failed|Succeeded)', action: 'drop' },
        { source_labels: ['__meta_kubernetes_endpointslice_port_name'], regex: 'http', action: 'keep' },
        { source_labels: ['__meta_kubernetes_namespace'], regex: '(.+)', target_label: 'namespace' },
        { source_labels: ['__meta_kubernetes_pod_name'], regex: '(.+)', target_label: 'pod' },
        { source_labels: ['__meta_kubernetes_pod_container_name'], regex: '(.+)', target_label: 'container' },
        { source_labels: ['__meta_kubernetes_service_name'], regex: '(.+)', target_label: 'service' },
        { source_labels: ['__meta_kubernetes_service_name'], regex: '(.+)', target_label: 'job' },
        { target_label: 'endpoint', replacement: 'http' },
      ],
    })
  })

  test.each([
    [{ any: true }, [{ role: 'endpointslice' }]],
    [{ matchNames: ['a', 'b'] }, [{ role: 'endpointslice', namespaces: { names: ['a', 'b'] } }]],
  ])('finds the namespaces of the namespaceSelector %j', (namespaceSelector, found) => {
    expect(config({ namespaceSelector, endpoints: [{ port: 'http' }] }).kubernetes_sd_configs).toEqual(found)
  })

  test.each([
    ['In', ['x.y', 'z'], { regex: '(x\\.y|z);true', action: 'keep' }],
    ['NotIn', ['x'], { regex: '(x);true', action: 'drop' }],
    ['Exists', undefined, { regex: 'true', action: 'keep' }],
    ['DoesNotExist', undefined, { regex: 'true', action: 'drop' }],
  ])('selects with the operator %s', (operator, values, wanted) => {
    const selector = { matchExpressions: [{ key: 'app.kubernetes.io/name', operator, ...(values ? { values } : {}) }] }
    const [first] = relabels({ selector, endpoints: [{ port: 'http' }] }) as object[]
    expect(first).toMatchObject(wanted)
    expect(JSON.stringify(first)).toContain('__meta_kubernetes_service_labelpresent_app_kubernetes_io_name')
  })

  test('keeps the scrape and relabelling settings', () => {
    const endpoint = {
      targetPort: 9090,
      path: '/stats',
      scheme: 'HTTPS',
      interval: '5s',
      scrapeTimeout: '4s',
      params: { module: ['x'] },
      honorLabels: true,
      tlsConfig: { insecureSkipVerify: true },
      relabelings: [{ sourceLabels: ['pod'], targetLabel: 'instance', action: 'Replace' }],
      metricRelabelings: [{ sourceLabels: ['__name__'], regex: 'go_.+', action: 'drop' }],
    }
    const made = config({ endpoints: [endpoint], jobLabel: 'app', podTargetLabels: ['app.kubernetes.io/version'] })
    expect(made).toMatchObject({
      metrics_path: '/stats',
      scheme: 'https',
      scrape_interval: '5s',
      scrape_timeout: '4s',
      params: { module: ['x'] },
      honor_labels: true,
      tls_config: { insecure_skip_verify: true },
      metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'go_.+', action: 'drop' }],
    })
    expect(made.relabel_configs).toEqual(
      expect.arrayContaining([
        { source_labels: ['__meta_kubernetes_pod_container_port_number'], regex: '9090', action: 'keep' },
        { source_labels: ['__meta_kubernetes_service_label_app'], regex: '(.+)', target_label: 'job' },
        { source_labels: ['pod'], target_label: 'instance', action: 'replace' },
      ]),
    )
    expect(JSON.stringify(made.relabel_configs)).toContain('"target_label":"app_kubernetes_io_version"')
  })

  test('reports the fields that are not supported', () => {
    const endpoints = [{ port: 'http', basicAuth: {}, tlsConfig: { ca: {}, insecureSkipVerify: true } }]
    expect(monitor({ endpoints }).warnings).toEqual([
      'ServiceMonitor shop/web: endpoint 1: basicAuth is not supported',
      'ServiceMonitor shop/web: endpoint 1: tlsConfig.ca is not supported',
    ])
  })
})

test('a PodMonitor scrapes the ports of pods', () => {
  const made = config({ podMetricsEndpoints: [{ port: 'metrics' }] }, 'PodMonitor')
  expect(made).toMatchObject({
    job_name: 'podMonitor/shop/web/0',
    kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: ['shop'] } }],
  })
  expect(made.relabel_configs).toContainEqual({
    source_labels: ['__meta_kubernetes_pod_container_port_name'],
    regex: 'metrics',
    action: 'keep',
  })
})

describe("the project's objects", () => {
  const group = { name: 'own', partial_response_strategy: 'warn', rules: [{ record: 'a:b', expr: 'vector(1)' }] }
  const files = (...objects: KubeObject[]) => {
    const made = projectMonitors(objects, 'monitoring')
    const entries = made.objects.map(({ metadata, data }) => [metadata.name, data as Record<string, string>] as const)
    return { ...made, files: Object.fromEntries(entries) }
  }

  test('a project without monitors gets no objects', () => {
    expect(projectMonitors([], 'monitoring')).toEqual({ objects: [], warnings: [] })
  })

  test('rules come from PrometheusRules and labelled ConfigMaps, without those that Prometheus refuses', () => {
    const map = object(
      'ConfigMap',
      { data: { 'r.yml': 'groups: []', 'r.txt': 'x' } },
      { labels: { prometheus_rules: '1' } },
    )
    const made = files(object('PrometheusRule', { spec: { groups: [group] } }), map).files['prometheus-project-rules']
    expect(Object.keys(made ?? {})).toEqual(['prometheusrule-shop-web.yaml', 'shop-web-r.yaml'])
    expect(parse(made?.['prometheusrule-shop-web.yaml'] ?? '')).toEqual({
      groups: [{ name: 'own', rules: [{ record: 'a:b', expr: 'vector(1)' }] }],
    })
  })

  test('monitors become files with scrape_configs', () => {
    const made = files(object('ServiceMonitor', { spec: { endpoints: [{ port: 'http' }] } }))
    const file = parse(made.files['prometheus-project-scrape']?.['servicemonitor-shop-web.yaml'] ?? '')
    expect(file.scrape_configs).toHaveLength(1)
  })

  test('Alertmanager gets one configuration of the project, and others are reported', () => {
    const map = (name: string) =>
      object('ConfigMap', { data: { 'a.yaml': `name: ${name}` } }, { name, labels: { alertmanager_config: '1' } })
    const made = files(map('one'), map('two'))
    expect(made.files['alertmanager-project']).toEqual({ 'alertmanager.yaml': 'name: one' })
    expect(made.warnings).toEqual([
      'shop-two-a.yaml is ignored: Alertmanager reads only one configuration, and uses the first one',
    ])
  })
})
