import type { Rule } from './context.ts'
import type { Problem } from './problems.ts'
import { minikubeNetworks } from './schema-cluster.ts'

/** What only one provider knows. What kind alone knows is passed over elsewhere, so that a profile need only name another provider. */
const own = {
  existing: [
    'context',
    'project',
    'kubeconfig',
    'registry',
    'imagePullSecrets',
    'namespace',
    'deny',
    'allowProduction',
  ],
  minikube: ['kubernetesVersion', 'cni', 'mount', 'startArgs'],
} as const

/** No option is silently without effect, such as a context where devk would make a cluster instead. */
export const otherProviders: Rule = ({ config, given }) =>
  (['existing', 'minikube'] as const).flatMap((provider) =>
    config.cluster.provider === provider
      ? []
      : own[provider].flatMap((key): Problem[] =>
          given(['cluster', key])
            ? [
                {
                  path: ['cluster', key],
                  message: `is for the provider "${provider}", and this is "${config.cluster.provider}"`,
                  mend: `set cluster.provider to "${provider}", or take it out`,
                },
              ]
            : [],
        ),
  )

/** An existing cluster is named by its context or its project, its namespace can be a namespace, and its nodes are as they are. */
export const existingCluster: Rule = ({ config, given, disk }) => {
  const { cluster } = config
  if (cluster.provider !== 'existing') return []
  const problems: Problem[] = []
  if (given(['cluster', 'nodeSize'])) {
    const message = 'is for clusters that devk makes; the nodes of an existing one have their sizes'
    problems.push({
      path: ['cluster', 'nodeSize'],
      message,
      mend: 'take it out, or write nodeSize: null in the profile',
    })
  }
  if (cluster.project !== undefined) {
    return problems.concat(
      (['context', 'kubeconfig', 'registry', 'namespace'] as const)
        .filter((key) => given(['cluster', key]))
        .map((key) => ({
          path: ['cluster', key],
          message: `has no meaning in the cluster of the project ${cluster.project}`,
          mend: 'take it out, or take out cluster.project',
        })),
    )
  }
  if (!given(['cluster', 'context'])) {
    const mend = 'name the one that devk may use; kubectl config get-contexts lists them'
    problems.push({ path: ['cluster', 'context'], message: 'is missing', mend })
  }
  if (cluster.kubeconfig !== undefined && disk.kind(cluster.kubeconfig) !== 'file') {
    problems.push({ path: ['cluster', 'kubeconfig'], message: `names ${cluster.kubeconfig}, which is no file` })
  }
  // What stands in for externals gets a namespace with ten more letters.
  if (!/^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$/.test(cluster.namespace ?? '')) {
    const message = `gives "${cluster.namespace}", which is no name for a namespace, or longer than 53 characters`
    problems.push({ path: ['cluster', 'namespace'], message, mend: 'use {user}, {project} and less around them' })
  }
  return problems
}

/** Minikube mounts folders of its own there once a node has started. */
const hiddenByMinikube = ['/data', '/tmp/hostpath_pv', '/tmp/hostpath-provisioner']

/** Minikube has one or three control planes, no kubeadm patches, some networks by name, and maps ports of a single node only. */
export const minikubeCluster: Rule = ({ config, given, disk }) => {
  const { provider, controlPlanes, workers, ports, loadBalancers, cni, mount } = config.cluster
  if (provider !== 'minikube') return []
  const problems: Problem[] = []
  if (controlPlanes !== 1 && controlPlanes !== 3) {
    const message = `must be 1 or 3 with Minikube, got ${controlPlanes}`
    problems.push({ path: ['cluster', 'controlPlanes'], message, mend: 'its --ha makes three' })
  }
  if (given(['cluster', 'kubeadmPatches'])) {
    const mend = "use startArgs: ['--extra-config=kubelet.max-pods=50']"
    problems.push({ path: ['cluster', 'kubeadmPatches'], message: 'is not for Minikube', mend })
  }
  if (cni !== undefined && !minikubeNetworks.has(cni) && disk.kind(cni) !== 'file') {
    const message = `is neither a file nor a network that Minikube brings: ${cni}`
    problems.push({ path: ['cluster', 'cni'], message, mend: `it brings ${[...minikubeNetworks].join(', ')}` })
  }
  const [hidden] = hiddenByMinikube.filter((path) => mount?.endsWith(`:${path}`))
  if (hidden !== undefined) {
    const message = `leads to ${hidden}, which Minikube hides behind a folder of its own`
    problems.push({ path: ['cluster', 'mount'], message, mend: 'name another path in the nodes: /srv/app' })
  }
  if (controlPlanes + workers.length > 1) {
    // Its nodes cannot reach each other's pods, and Minikube waits for them for ever.
    if (cni === 'bridge') {
      const message = 'cannot be bridge on more than one node'
      problems.push({ path: ['cluster', 'cni'], message, mend: 'leave it out, or use kindnet or calico' })
    }
    const message = 'cannot be mapped by Minikube on more than one node: each would take the same ports'
    const mapped = { ports: ports.length > 0, loadBalancers: Object.keys(loadBalancers).length > 0 }
    for (const key of ['ports', 'loadBalancers'] as const) {
      if (!mapped[key]) continue
      problems.push({ path: ['cluster', key], message, mend: 'forward them: services.NAME.ports' })
    }
  }
  return problems
}
