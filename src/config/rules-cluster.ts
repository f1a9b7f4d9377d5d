import type { Rule } from './context.ts'
import type { Problem } from './problems.ts'
import { minikubeNetworks } from './schema-cluster.ts'

/**
 * Keys that apply to one provider only. Other providers ignore the keys that apply only to kind, so
 * that a profile can change the provider and nothing else.
 */
const keysOf = {
  existing: ['context', 'project', 'kubeconfig', 'registry', 'imagePullSecrets', 'namespace', 'deny'],
  minikube: ['kubernetesVersion', 'cni', 'startArgs'],
} as const

/** Reports keys of another provider, which would have no effect. */
export const otherProviders: Rule = ({ config, given }) =>
  (['existing', 'minikube'] as const).flatMap((provider) =>
    config.cluster.provider === provider
      ? []
      : keysOf[provider].flatMap((key): Problem[] =>
          given(['cluster', key])
            ? [
                {
                  path: ['cluster', key],
                  message: `applies to the provider "${provider}", not to "${config.cluster.provider}"`,
                  fix: `set cluster.provider to "${provider}", or remove this key`,
                },
              ]
            : [],
        ),
  )

/** Checks an existing cluster: it needs a context or project and a valid namespace, and its nodes have fixed sizes. */
export const existingCluster: Rule = ({ config, given, disk }) => {
  const { cluster } = config
  if (cluster.provider !== 'existing') return []
  const problems: Problem[] = []
  for (const key of ['nodeSize', 'mount'] as const) {
    if (!given(['cluster', key])) continue
    const message = 'applies only to clusters that devk creates'
    problems.push({ path: ['cluster', key], message, fix: `remove it, or set ${key}: null in the profile` })
  }
  if (cluster.project !== undefined) {
    return problems.concat(
      (['context', 'kubeconfig', 'registry', 'namespace'] as const)
        .filter((key) => given(['cluster', key]))
        .map((key) => ({
          path: ['cluster', key],
          message: `cannot be used together with cluster.project ("${cluster.project}")`,
          fix: 'remove one of them',
        })),
    )
  }
  if (!given(['cluster', 'context'])) {
    const fix = 'set it to a context that devk can use; kubectl config get-contexts lists them'
    problems.push({ path: ['cluster', 'context'], message: 'is missing', fix })
  }
  if (cluster.kubeconfig !== undefined && disk.kind(cluster.kubeconfig) !== 'file') {
    problems.push({ path: ['cluster', 'kubeconfig'], message: `refers to ${cluster.kubeconfig}, which is not a file` })
  }
  // The namespace of the externals has this name and ten more characters; Kubernetes allows 63.
  if (!/^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$/.test(cluster.namespace ?? '')) {
    const message = `results in "${cluster.namespace}", which is not a namespace name of at most 53 characters`
    const fix = 'use only {user} and {project}, with less text around them'
    problems.push({ path: ['cluster', 'namespace'], message, fix })
  }
  return problems
}

/** Checks the folder of `cluster.mount`: the engine would create a missing one, owned by root. */
export const mountedFolder: Rule = ({ config, disk }) => {
  const [folder] = config.cluster.mount?.split(':') ?? []
  if (folder === undefined || disk.kind(folder) === 'folder') return []
  const message = `refers to ${folder}, which is not a folder`
  return [{ path: ['cluster', 'mount'], message, fix: 'create the folder, or correct the path' }]
}

/** Checks that the Secrets of the cluster can be encrypted as `cluster.encryptSecrets` asks for. */
export const encryptedSecrets: Rule = ({ config }) => {
  const { encryptSecrets, provider, kubeadmPatches } = config.cluster
  if (!encryptSecrets) return []
  const path = ['cluster', 'encryptSecrets']
  const fix = 'remove it, or set encryptSecrets: false in the profile'
  if (provider === 'existing') return [{ path, message: 'applies only to clusters that devk creates', fix }]
  if (provider === 'minikube') {
    const message = 'is not supported with Minikube, whose API server cannot be given the file with the key'
    return [{ path, message, fix: `use kind; or ${fix}` }]
  }
  if (!kubeadmPatches.some((patch) => patch.includes('apiServer'))) return []
  const message = 'cannot be used together with a patch of apiServer, which may replace its arguments'
  return [{ path, message, fix: 'remove apiServer from cluster.kubeadmPatches, or remove this key' }]
}

/** Paths at which Minikube mounts its own folders when a node starts. */
const minikubeMounts = ['/data', '/tmp/hostpath_pv', '/tmp/hostpath-provisioner']

/**
 * Arguments of `minikube start` that change only what is inside the nodes. Others choose a driver without containers,
 * open ports or mount folders of this machine.
 */
const minikubeArguments = [
  ...['addons', 'cpus', 'memory', 'disk-size', 'extra-config', 'feature-gates', 'dns-domain', 'gpus'],
  ...['preload', 'cache-images', 'install-addons', 'force-systemd', 'registry-mirror', 'image-mirror-country'],
  ...['wait', 'wait-timeout', 'static-ip', 'subnet', 'network-plugin', 'disable-metrics', 'disable-optimizations'],
]

/** Refuses arguments of `minikube start` that reach beyond the nodes, and those without `=`, which may hide another. */
export const minikubeStartArguments: Rule = ({ config }) =>
  (config.cluster.provider === 'minikube' ? config.cluster.startArgs : []).flatMap((argument, i): Problem[] => {
    const name = /^--([a-z-]+)(=|$)/.exec(argument)?.[1]
    if (name !== undefined && minikubeArguments.includes(name)) return []
    const fix = `write --NAME=VALUE with one of ${minikubeArguments.join(', ')}`
    return [{ path: ['cluster', 'startArgs', i], message: `"${argument}" is not an argument that devk passes on`, fix }]
  })

/**
 * Checks the limits of Minikube: one or three control planes, no kubeadm patches, a pod network that it provides or a
 * file, and port mappings only on a single node.
 */
export const minikubeCluster: Rule = ({ config, given, disk }) => {
  const { provider, controlPlanes, workers, ports, loadBalancers, cni, mount } = config.cluster
  if (provider !== 'minikube') return []
  const problems: Problem[] = []
  if (controlPlanes !== 1 && controlPlanes !== 3) {
    const message = `must be 1 or 3 with Minikube, got ${controlPlanes}`
    problems.push({ path: ['cluster', 'controlPlanes'], message, fix: 'use 3 for high availability' })
  }
  if (given(['cluster', 'kubeadmPatches'])) {
    const fix = "use startArgs, for example ['--extra-config=kubelet.max-pods=50']"
    problems.push({ path: ['cluster', 'kubeadmPatches'], message: 'is not supported with Minikube', fix })
  }
  if (cni !== undefined && !minikubeNetworks.has(cni) && disk.kind(cni) !== 'file') {
    const message = `is neither a file nor a pod network of Minikube: ${cni}`
    problems.push({ path: ['cluster', 'cni'], message, fix: `Minikube provides ${[...minikubeNetworks].join(', ')}` })
  }
  const [hidden] = minikubeMounts.filter((path) => mount?.endsWith(`:${path}`))
  if (hidden !== undefined) {
    const message = `uses ${hidden}, where Minikube mounts its own folder`
    problems.push({ path: ['cluster', 'mount'], message, fix: 'use another path in the nodes, such as /srv/app' })
  }
  if (controlPlanes + workers.length > 1) {
    // With bridge, nodes cannot reach the pods of each other, and `minikube start` never ends.
    if (cni === 'bridge') {
      const message = 'cannot be bridge on a cluster with more than one node'
      problems.push({ path: ['cluster', 'cni'], message, fix: 'remove it, or use kindnet or calico' })
    }
    const message = 'cannot be mapped on more than one node of Minikube: every node would use the same ports'
    const mapped = { ports: ports.length > 0, loadBalancers: Object.keys(loadBalancers).length > 0 }
    for (const key of ['ports', 'loadBalancers'] as const) {
      if (!mapped[key]) continue
      problems.push({ path: ['cluster', key], message, fix: 'forward the ports instead, with services.NAME.ports' })
    }
  }
  return problems
}
