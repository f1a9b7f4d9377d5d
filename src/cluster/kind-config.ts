import { encryptionMount, encryptionPatches } from './encryption.ts'
import type { ClusterSpec, NodeSpec } from './provider.ts'

/**
 * The configuration of kind (v1alpha4) for a cluster, as JSON. kind parses it as YAML. `keys` is the folder with the
 * key of encrypted Secrets.
 */
export function kindConfig(spec: ClusterSpec, keys: string): string {
  const encryption = spec.encryptSecrets ? encryptionPatches() : []
  return JSON.stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    name: spec.name,
    networking: {
      apiServerAddress: '127.0.0.1',
      ...(spec.podSubnet === undefined ? {} : { podSubnet: spec.podSubnet }),
      ...(spec.serviceSubnet === undefined ? {} : { serviceSubnet: spec.serviceSubnet }),
    },
    kubeadmConfigPatches: [fastProxy, ...encryption, ...spec.kubeadmPatches],
    containerdConfigPatches: [registryHosts],
    nodes: spec.nodes.map((node, index) => ({
      role: node.role,
      image: spec.image,
      labels: Object.fromEntries(Object.entries(node.labels).filter(([key]) => kubeletMaySet(key))),
      ...(node.taints.length === 0 ? {} : { kubeadmConfigPatches: taintPatches(node) }),
      ...mountsOf(spec, node, keys),
      ...(index === 0 ? { extraPortMappings: spec.ports.map(portMapping) } : {}),
    })),
  })
}

/**
 * kube-proxy writes its rules at most once per this period. The default of one second is meant for nodes with thousands
 * of Services. Here it would be the longest part of the time from a ready pod to its first request.
 */
const fastProxy = JSON.stringify({ kind: 'KubeProxyConfiguration', iptables: { minSyncPeriod: '100ms' } })

/**
 * Enables `/etc/containerd/certs.d`. The node images of kind 0.27 and newer enable it, and so does the kit's; others
 * may not. containerd reads the key of its configuration version and ignores the other one.
 */
const registryHosts = [
  '[plugins."io.containerd.grpc.v1.cri".registry]',
  '  config_path = "/etc/containerd/certs.d"',
  '[plugins."io.containerd.cri.v1.images".registry]',
  '  config_path = "/etc/containerd/certs.d"',
].join('\n')

/**
 * Patches of kubeadm's NodeRegistrationOptions. A patch without apiVersion applies to v1beta3 and v1beta4, which have
 * the same format of taints. The first control plane uses an InitConfiguration, every other node a JoinConfiguration.
 * kubeadm ignores the one that does not apply.
 */
function taintPatches(node: NodeSpec): string[] {
  const nodeRegistration = { taints: node.taints.map(taint) }
  const kinds = node.role === 'control-plane' ? ['InitConfiguration', 'JoinConfiguration'] : ['JoinConfiguration']
  return kinds.map((kind) => JSON.stringify({ kind, nodeRegistration }))
}

function taint(text: string): { key: string; value?: string; effect: string } {
  const [, key = '', value, effect = ''] = /^([^:=]+)(?:=([^:]*))?:(.+)$/.exec(text) ?? []
  return { key, ...(value === undefined ? {} : { value }), effect }
}

function mountsOf({ mount, encryptSecrets }: ClusterSpec, { role }: NodeSpec, keys: string) {
  const extraMounts = [
    ...(mount === undefined ? [] : [mountOf(mount)]),
    ...(encryptSecrets && role === 'control-plane' ? [encryptionMount(keys)] : []),
  ]
  return extraMounts.length === 0 ? {} : { extraMounts }
}

function mountOf(mount: string): { hostPath: string; containerPath: string } {
  const [hostPath = '', containerPath = ''] = mount.split(':')
  return { hostPath, containerPath }
}

function portMapping({ host, node }: { host: number; node: number }) {
  return { containerPort: node, hostPort: host, listenAddress: '127.0.0.1', protocol: 'TCP' }
}

/**
 * Labels that the kubelet may not set on its own node, by node. They are set through the API server after the start.
 */
export function lateLabels(spec: ClusterSpec): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const names = nodeNames(spec)
  return Object.fromEntries(
    spec.nodes.flatMap((node, index) => {
      const late = Object.entries(node.labels).filter(([key]) => !kubeletMaySet(key))
      return late.length === 0 ? [] : [[names[index] ?? '', Object.fromEntries(late)]]
    }),
  )
}

/** The node names that kind generates: `todo-control-plane`, `todo-worker`, `todo-worker2`. */
export function nodeNames(spec: Pick<ClusterSpec, 'name' | 'nodes'>): string[] {
  const counts = { 'control-plane': 0, worker: 0 }
  return spec.nodes.map(({ role }) => {
    counts[role] += 1
    return `${spec.name}-${role}${counts[role] === 1 ? '' : counts[role]}`
  })
}

/** The rule of the kubelet for --node-labels: below kubernetes.io and k8s.io only the labels that it knows. */
function kubeletMaySet(key: string): boolean {
  const [prefix = '', name] = key.split('/')
  if (name === undefined || !/(^|\.)(kubernetes|k8s)\.io$/.test(prefix)) return true
  if (/(^|\.)(kubelet|node)\.kubernetes\.io$/.test(prefix)) return true
  const known = [
    'topology.kubernetes.io/zone',
    'topology.kubernetes.io/region',
    'kubernetes.io/hostname',
    'kubernetes.io/os',
  ]
  return [...known, 'kubernetes.io/arch', 'failure-domain.beta.kubernetes.io/zone'].includes(key)
}
