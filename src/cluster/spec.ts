import { balancedPorts, portPair } from '../config/ports.ts'
import type { LoadedConfig } from '../config/schema.ts'
import { bytesOf, milliCpuOf } from '../lib/quantity.ts'
import { newestKubernetesOnCgroup1 } from './node-image.ts'
import type { ClusterSpec, HostPort, NodeSize, NodeSpec } from './provider.ts'

/** The specification of the configured cluster, node by node. Control planes come first. */
export function clusterSpec(config: LoadedConfig, image: string, presetPorts: readonly HostPort[] = []): ClusterSpec {
  const { cluster } = config
  const controlPlanes = Array.from(
    { length: cluster.controlPlanes },
    (): NodeSpec => ({
      role: 'control-plane',
      labels: {},
      taints: [],
      ...sized(cluster.nodeSize),
    }),
  )
  const workers = cluster.workers.flatMap(({ count, labels, taints, zone, size }) =>
    Array.from(
      { length: count },
      (): NodeSpec => ({
        role: 'worker',
        labels: { ...labels, ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }) },
        taints,
        ...sized(size ?? cluster.nodeSize),
      }),
    ),
  )
  return {
    project: config.name,
    name: cluster.name ?? config.name,
    nodes: [...controlPlanes, ...workers],
    ports: [...configuredPorts(config), ...presetPorts],
    image: cluster.image ?? image,
    pinned: { image: cluster.image, kubernetesVersion: cluster.kubernetesVersion },
    podSubnet: cluster.podSubnet,
    serviceSubnet: cluster.serviceSubnet,
    kubeadmPatches: cluster.kubeadmPatches,
    ...(cluster.mount === undefined ? {} : { mount: cluster.mount }),
    ...(cluster.encryptSecrets ? { encryptSecrets: true as const } : {}),
  }
}

function sized(size: LoadedConfig['cluster']['nodeSize']): Pick<NodeSpec, 'size'> {
  if (size === undefined) return {}
  const { cpu, memory } = size
  const inUnits: NodeSize = {
    ...(cpu === undefined ? {} : { cpu: milliCpuOf(String(cpu)) }),
    ...(memory === undefined ? {} : { memory: bytesOf(memory) }),
  }
  return { size: inUnits }
}

/**
 * The specification for Minikube. On cgroup v1 it names a version of Kubernetes that starts there, since the default
 * does not.
 */
export function minikubeSpec(
  config: LoadedConfig,
  cgroupVersion: '1' | '2',
  presetPorts: readonly HostPort[],
): ClusterSpec {
  const { kubernetesVersion, cni, startArgs } = config.cluster
  const fitting = kubernetesVersion ?? (cgroupVersion === '1' ? newestKubernetesOnCgroup1 : undefined)
  return { ...clusterSpec(config, '', presetPorts), minikube: { kubernetesVersion: fitting, cni, startArgs } }
}

/** The port mappings of the configuration. */
export function configuredPorts({ cluster }: Pick<LoadedConfig, 'cluster'>): HostPort[] {
  return [
    ...cluster.ports.map((mapping) => {
      const { local, remote } = portPair(mapping)
      return { host: local, node: remote }
    }),
    ...balancedPorts(cluster).map(({ host, nodePort }) => ({ host, node: nodePort })),
  ]
}
