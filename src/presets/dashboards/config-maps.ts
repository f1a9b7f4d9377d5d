import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { clusterDashboard } from './cluster.ts'
import type { Dashboard } from './dashboard.ts'
import { nodesDashboard } from './nodes.ts'
import { serviceDashboard } from './service.ts'

/** As many as presets/grafana mounts. */
const mostMaps = 4
/** An API server takes no more than 1 MiB; names and labels need some of it. */
const mostBytes = 900_000

/** What the dashboards of a project are made from. */
export interface DashboardsInput {
  readonly project: string
  readonly services: readonly string[]
  /** Names of the presets that are installed. */
  readonly presets: ReadonlySet<string>
  /** The preset's namespace. */
  readonly namespace: string
  /** The project's own objects; ConfigMaps among them labelled grafana_dashboard are taken over. */
  readonly objects?: readonly KubeObject[]
}

/** All dashboards of a project, by file name: the cluster, its nodes, and each service. */
export function projectDashboards({ project, services, presets }: DashboardsInput): Record<string, Dashboard> {
  const own = services.map((service) => [`service-${service}.json`, serviceDashboard({ project, service, presets })])
  return Object.fromEntries([['cluster.json', clusterDashboard()], ['nodes.json', nodesDashboard()], ...own])
}

/**
 * The ConfigMaps that Grafana reads its dashboards from, each below the size an API server takes.
 * Throws CONFIG_INVALID when there are more dashboards than the preset mounts.
 */
export function dashboardConfigMaps(input: DashboardsInput): KubeObject[] {
  const made = Object.entries(projectDashboards(input)).map(([file, it]) => [file, JSON.stringify(it)] as const)
  const maps = packed([...made, ...broughtBy(input.objects ?? [])])
  if (maps.length > mostMaps) {
    throw new DevkError('CONFIG_INVALID', `The dashboards need ${maps.length} ConfigMaps; Grafana mounts ${mostMaps}`, {
      hint: 'Take large dashboards out of the ConfigMaps labelled grafana_dashboard, or import them in Grafana.',
    })
  }
  return maps.map((data, i) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `grafana-dashboards-${i}`, namespace: input.namespace },
    data,
  }))
}

function broughtBy(objects: readonly KubeObject[]): (readonly [string, string])[] {
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
  let room = mostBytes
  for (const [file, text] of files) {
    const size = Buffer.byteLength(file) + Buffer.byteLength(text)
    if (size > room) {
      maps.push({})
      room = mostBytes
    }
    room -= size
    const last = maps.at(-1)
    if (last !== undefined) last[file] = text
  }
  return maps
}
