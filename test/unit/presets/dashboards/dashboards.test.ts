import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { plainManifests } from '../../../../src/manifests/plain.ts'
import {
  type DashboardsInput,
  dashboardConfigMaps,
  projectDashboards,
} from '../../../../src/presets/dashboards/config-maps.ts'
import { dashboardSchema, datasourcesSchema, type PanelFile, providersSchema } from '../../../support/grafana-schema.ts'

const long = 'a-service-with-a-name-of-forty-characters'.slice(0, 40)
const input = (...presets: string[]): DashboardsInput => ({
  project: 'shop',
  services: ['web', long],
  presets: new Set(presets),
  namespace: 'monitoring',
})
const sets = [[], ['jaeger'], ['logging'], ['jaeger', 'logging']]
const panelsOf = (it: object) => dashboardSchema.parse(it).panels.filter((one): one is PanelFile => one.type !== 'row')
const text = (...presets: string[]) => JSON.stringify(projectDashboards(input(...presets)))

describe.each(sets.map((presets) => [presets.join(' and ') || 'Prometheus alone', presets] as const))(
  'with %s',
  (_title, presets) => {
    const dashboards = projectDashboards(input(...presets))

    test('there is a dashboard for the cluster, its nodes and each service', () => {
      expect(Object.keys(dashboards)).toEqual([
        'cluster.json',
        'nodes.json',
        'service-web.json',
        `service-${long}.json`,
      ])
    })

    test.each(Object.entries(dashboards))('%s has the shape that Grafana reads', (_file, it) => {
      const { panels } = dashboardSchema.parse(it)
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
      for (const { targets = [] } of panels as PanelFile[]) {
        expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
      }
    })

    test.each(Object.entries(dashboards))('%s has no panel over another', (_file, it) => {
      const places = dashboardSchema.parse(it).panels.map(({ gridPos }) => gridPos)
      expect(places.filter(({ x, w }) => x + w > 24)).toEqual([])
      const pairs = places.flatMap((one, i) => places.slice(i + 1).map((other) => [one, other] as const))
      const apart = (a: number, size: number, b: number, other: number) => a + size <= b || b + other <= a
      expect(pairs.filter(([a, b]) => !apart(a.x, a.w, b.x, b.w) && !apart(a.y, a.h, b.y, b.h))).toEqual([])
    })

    test('every dashboard has a UID and a title of its own', () => {
      const all = Object.values(dashboards)
      expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length)
      expect(new Set(all.map(({ title }) => title)).size).toBe(all.length)
    })

    test('dashboards use only data sources of installed presets, and have no open inputs', () => {
      const there = ['prometheus', ...presets.map((name) => (name === 'logging' ? 'victoria-logs' : name))]
      const asked = Object.values(dashboards).flatMap((it) => panelsOf(it).map(({ datasource }) => datasource.uid))
      expect([...new Set(asked)].sort()).toEqual(there.sort())
      expect(text(...presets)).not.toContain(`\${DS_`)
    })
  },
)

test('the dashboard of a service has rate, errors, duration, saturation, restarts, and panels of its presets', () => {
  const titles = (...presets: string[]) =>
    panelsOf(projectDashboards(input(...presets))['service-web.json'] ?? {}).map(({ title }) => title)
  const always = ['Rate', 'Errors', 'Duration', 'CPU', 'Memory', 'CPU throttling', 'Restarts', 'Pods']
  expect(titles()).toEqual(always)
  expect(titles('jaeger', 'logging')).toEqual([...always, 'Latest traces', 'Logs'])
})

test('requests are counted from spans with Jaeger, and else from metrics of the service', () => {
  expect(text('jaeger')).toContain('traces_span_metrics_calls_total{service_name=\\"web\\"')
  expect(text('jaeger')).not.toContain('http_server_request_duration_seconds')
  expect(text()).toContain('http_server_request_duration_seconds_count{service=\\"web\\"')
  expect(text()).not.toContain('traces_span_metrics')
})

describe('ConfigMaps', () => {
  const brought = (name: string, size: number, label = 'grafana_dashboard') => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'shop', labels: { [label]: '1' } },
    data: { 'own.json': `{"title":"${'x'.repeat(size)}"}`, 'notes.txt': 'no dashboard' },
  })

  test('each dashboard is in one ConfigMap, below the limit of the API server', () => {
    const objects = [brought('one', 600_000), brought('two', 600_000)]
    const maps = dashboardConfigMaps({ ...input('jaeger', 'logging'), objects })
    expect(maps.map(({ metadata }) => metadata.name)).toEqual(['grafana-dashboards-0', 'grafana-dashboards-1'])
    const sizes = maps.map(({ data }) => Buffer.byteLength(Object.entries(data as Record<string, string>).join('')))
    expect(sizes.filter((size) => size >= 1024 ** 2)).toEqual([])
    expect(maps.flatMap(({ data }) => Object.keys(data as object))).toHaveLength(6)
  })

  test('dashboards of the project are added by their label', () => {
    const objects = [brought('mine', 10), brought('other', 10, 'something')]
    const [map] = dashboardConfigMaps({ ...input(), objects })
    expect(Object.keys(map?.data as object)).toContain('shop-mine-own.json')
    expect(Object.keys(map?.data as object).filter((file) => /other|notes/.test(file))).toEqual([])
  })

  test('more dashboards than Grafana mounts are refused', () => {
    const objects = Array.from({ length: 5 }, (_, i) => brought(`big-${i}`, 899_000))
    expect(() => dashboardConfigMaps({ ...input(), objects })).toThrow('The dashboards need 6 ConfigMaps')
  })
})

describe('the provisioning files', async () => {
  const folder = fileURLToPath(new URL('../../../../presets/grafana/manifests', import.meta.url))
  const folders = [folder, join(folder, 'with/jaeger'), join(folder, 'with/logging')]
  const objects = (await plainManifests(folders, folder)).map(({ object }) => object)
  const files = (prefix: string) =>
    objects
      .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith(prefix))
      .flatMap(({ data }) => Object.values(data as Record<string, string>).map((file) => parse(file)))

  test('data sources have the documented fields, unique UIDs, and one default', () => {
    const all = files('grafana-datasource-').flatMap((file) => datasourcesSchema.parse(file).datasources)
    expect(all.map(({ uid }) => uid).sort()).toEqual(['alertmanager', 'jaeger', 'prometheus', 'victoria-logs'])
    expect(all.filter(({ isDefault }) => isDefault)).toHaveLength(1)
  })

  test('dashboards are provisioned from the folder where the Deployment mounts them', () => {
    const [provider] = files('grafana-dashboard-provider').flatMap((file) => providersSchema.parse(file).providers)
    const deployment = JSON.stringify(objects.find(({ kind }) => kind === 'Deployment'))
    expect(deployment).toContain(`{"name":"dashboards","mountPath":"${provider?.options.path}"}`)
  })
})
