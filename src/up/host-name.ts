import type { LoadedConfig } from '../config/schema.ts'
import { hostName } from '../presets/corefile.ts'
import { type WrittenNames, writeClusterNames } from '../stack/presets/cluster-names.ts'
import type { ReadyOptions } from '../stack/ready/until-ready.ts'

/** The name of this machine in the cluster. `notes` says, in sentences, why pods do not know it. */
export interface HostNamed extends WrittenNames {
  readonly notes: readonly string[]
}

const unchanged = { changes: 0, ready: async () => {} }

/**
 * Makes pods resolve the name of this machine if the configuration has programs that they can reach there. An existing
 * cluster has other users, so its DNS is not changed. Throws KUBE_API.
 */
export async function nameHost(
  { cluster, locals }: Pick<LoadedConfig, 'cluster' | 'locals'>,
  options: Omit<ReadyOptions, 'onReason'>,
): Promise<HostNamed> {
  const isWanted = Object.values(locals).some(({ ports }) => ports.length > 0)
  if (!isWanted || cluster.provider === 'existing') return { ...unchanged, notes: [] }
  const written = await writeClusterNames({ host: true }, options)
  if (written !== undefined) return { ...written, notes: [] }
  return {
    ...unchanged,
    notes: [`Pods cannot resolve ${hostName}: the cluster has no CoreDNS with the configuration of kubeadm`],
  }
}
