import { configuredPorts } from '../cluster/spec.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { Platform } from '../platform/platform.ts'
import { contextOf } from '../platform/ready-cluster.ts'
import { clusterUid } from '../project/agreed.ts'
import type { Desired } from '../stack/desired/desired.ts'
import type { ProjectRecord } from '../state/projects.ts'

/** The record of a project that is not up yet. */
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
    jobs: Object.entries(config.jobs).map(([name, { service, local }]) => ({ name, service, local })),
    presets: [],
    ports: configuredPorts(config).map(({ host }) => host),
    forwards: [],
  }
}

/**
 * The record of a project that is up: what `status`, `logs` and `down` need, so that they work without the
 * configuration. Throws KUBE_API.
 */
export async function deployedRecord(
  planned: ProjectRecord,
  up: { readonly config: LoadedConfig; readonly platform: Platform; readonly desired: Desired },
  signal: AbortSignal,
): Promise<ProjectRecord> {
  const { config, desired } = up
  const { cluster, kube } = up.platform
  const services = Object.entries(config.services).map(([name, { url, dependsOn }]) => {
    const { workload: target, container } = desired.services[name]?.[0] ?? {}
    return {
      name,
      url,
      workload: target && `${target.kind}/${target.name}`,
      apiVersion: target?.apiVersion,
      container,
      namespace: target?.namespace ?? desired.namespace,
      dependsOn: dependsOn.map((dependency) => dependency.name),
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
