import type { LoadedConfig } from '../config/schema.ts'
import type { Platform } from '../platform/platform.ts'
import { contextOf } from '../platform/ready-cluster.ts'
import { clusterUid } from '../project/open.ts'
import type { Desired } from '../stack/desired/desired.ts'
import type { ProjectRecord } from '../state/projects.ts'

/** What is known of a project before it is up. */
export function plannedRecord(config: LoadedConfig, profile: string | undefined): ProjectRecord {
  const cluster = config.cluster.name ?? config.name
  const { provider, project } = config.cluster
  return {
    name: config.name,
    root: config.root,
    configFile: config.file,
    profile,
    overlay: config.overlay,
    cluster: { provider, name: cluster, context: contextOf(config), project, uid: undefined },
    namespace: config.deploy.namespace ?? 'default',
    services: [],
    externals: Object.keys(config.externals),
    presets: [],
    forwards: [],
  }
}

/** What `status`, `logs` and `down` need to know of a project that is up, without its configuration. */
export async function deployedRecord(
  planned: ProjectRecord,
  config: LoadedConfig,
  { cluster, kube }: Platform,
  desired: Desired,
  signal: AbortSignal,
): Promise<ProjectRecord> {
  const services = Object.entries(config.services).map(([name, { url }]) => {
    const target = desired.services[name]?.[0]?.workload
    return {
      name,
      url,
      workload: target && `${target.kind}/${target.name}`,
      namespace: target?.namespace ?? desired.namespace,
    }
  })
  return {
    ...planned,
    cluster: { ...planned.cluster, ...cluster, uid: await clusterUid(kube, signal) },
    namespace: desired.namespace,
    services,
    forwards: desired.forwards.map(({ name, local, remote }) => ({ name, local, remote })),
  }
}
