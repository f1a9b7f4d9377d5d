import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { clusterDashboard } from './cluster.ts'
import { type Dashboard, type DashboardModel, grafanaDashboard } from './dashboard.ts'
import { nodesDashboard } from './nodes.ts'
import { serviceDashboard } from './service.ts'

/** Grafana's Deployment in presets/grafana mounts this number of ConfigMaps. */
const maxMaps = 4
/** The limit of the API server is 1 MiB; metadata needs a part of it. */
const maxBytes = 900_000

/** The input of the dashboards of a project. */
export interface DashboardsInput {
  readonly project: string
  /** Names of the services. */
  readonly services: readonly string[]
  /** Names of the presets that are installed. */
  readonly presets: ReadonlySet<string>
  /** The namespace of the preset. */
  readonly namespace: string
  /** The objects of the project. Dashboards in ConfigMaps with the label grafana_dashboard are added. */
  readonly objects?: readonly KubeObject[]
}

/** What the dashboards that devk generates for a project show: the cluster, its nodes, and each service. Pure. */
export function projectModels({
  project,
  services,
  presets,
}: Omit<DashboardsInput, 'namespace' | 'objects'>): [string, DashboardModel][] {
  const own = services.map((service): [string, DashboardModel] => [
    `service-${service}.json`,
    serviceDashboard({ project, service, presets }),
  ])
  return [['cluster.json', clusterDashboard()], ['nodes.json', nodesDashboard()], ...own]
}

/** The files of these dashboards, by name. Pure. */
export function projectDashboards(input: DashboardsInput): Record<string, Dashboard> {
  return Object.fromEntries(projectModels(input).map(([file, model]) => [file, grafanaDashboard(model)]))
}

/**
 * The ConfigMaps with all dashboards for Grafana, each below the size limit of the API server. Pure.
 * Throws CONFIG_INVALID if the dashboards need more ConfigMaps than Grafana mounts.
 */
export function dashboardConfigMaps(input: DashboardsInput): KubeObject[] {
  const generated = Object.entries(projectDashboards(input)).map(([file, it]) => [file, JSON.stringify(it)] as const)
  const maps = packed([...generated, ...dashboardsIn(input.objects ?? [])])
  if (maps.length > maxMaps) {
    throw new DevkError(
      'CONFIG_INVALID',
      `The dashboards need ${maps.length} ConfigMaps, but Grafana mounts ${maxMaps}`,
      {
        hint: 'Remove large dashboards from ConfigMaps with the label grafana_dashboard, or import them in Grafana.',
      },
    )
  }
  return maps.map((data, i) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `grafana-dashboards-${i}`, namespace: input.namespace },
    data,
  }))
}

function dashboardsIn(objects: readonly KubeObject[]): (readonly [string, string])[] {
  return objects
    .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.labels?.grafana_dashboard !== undefined)
    .flatMap(({ metadata, data }) =>
      Object.entries((data ?? {}) as Record<string, string>)
        .filter(([file]) => file.endsWith('.json'))
        .map(([file, text]) => [`${metadata.namespace ?? 'default'}-${metadata.name}-${file}`, text] as const),
    )
}

function packed(files: readonly (readonly [string, string])[]): Record<string, string>[] {
  const maps: Record<string, string>[] = [{}]
  let free = maxBytes
  for (const [file, text] of files) {
    const size = Buffer.byteLength(file) + Buffer.byteLength(text)
    if (size > free) {
      maps.push({})
      free = maxBytes
    }
    free -= size
    const last = maps.at(-1)
    if (last !== undefined) last[file] = text
  }
  return maps
}
