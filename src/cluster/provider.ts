/** A node to create. `labels` and `taints` are written as for kubectl. */
export interface NodeSpec {
  readonly role: 'control-plane' | 'worker'
  readonly labels: Readonly<Record<string, string>>
  /** `key=value:Effect` or `key:Effect`. */
  readonly taints: readonly string[]
  /** What its pods may request and use. Where it is undefined, the machine is the limit. */
  readonly size?: NodeSize
}

/** The size of a node. An undefined value is not limited. */
export interface NodeSize {
  /** Thousandths of a CPU. */
  readonly cpu?: number
  /** Bytes. */
  readonly memory?: number
}

/** A port mapping from this machine to a node. */
export interface HostPort {
  /** Port on 127.0.0.1. */
  readonly host: number
  /** Port on the first control-plane node (a NodePort or a host port). */
  readonly node: number
  /** The mapping comes from a preset, not from the configuration. */
  readonly preset?: true
}

/** A cluster to create. */
export interface ClusterSpec {
  /** What the configuration names itself. Defaults are not in it: they may change with the version of a tool. */
  readonly pinned?: { readonly image: string | undefined; readonly kubernetesVersion: string | undefined }
  readonly project: string
  readonly name: string
  readonly nodes: readonly NodeSpec[]
  readonly ports: readonly HostPort[]
  /** Reference of the node image. With Minikube, '' means its default. */
  readonly image: string
  readonly podSubnet: string | undefined
  readonly serviceSubnet: string | undefined
  /** A folder of this machine to mount in every node: `/folder/here:/path/in/nodes`. */
  readonly mount?: string
  /** Encrypt Secrets in etcd. */
  readonly encryptSecrets?: true
  /** Extra kubeadm configuration patches, YAML. */
  readonly kubeadmPatches: readonly string[]
  /** Options of Minikube. */
  readonly minikube?: MinikubeOptions
}

/** Options of Minikube. undefined means its default. */
export interface MinikubeOptions {
  /** `v1.34.4` */
  readonly kubernetesVersion: string | undefined
  /** Name of a network plugin, or the path of its manifests. */
  readonly cni: string | undefined
  /** Additional arguments for `minikube start`. */
  readonly startArgs: readonly string[]
}

/** A node of an existing cluster. */
export interface ClusterNode {
  readonly name: string
  readonly role: 'control-plane' | 'worker'
  /** Name of the node's container on the local engine, when it is one. */
  readonly container: string | undefined
  readonly running: boolean
}

/** The state of a cluster. `ownedBy` is the project that created it, when it is known. */
export type ClusterState =
  | { readonly state: 'absent' }
  | {
      readonly state: 'running' | 'stopped'
      readonly nodes: readonly ClusterNode[]
      readonly ownedBy: string | undefined
    }

/** What devk needs from a local cluster tool. Each method is safe to repeat. */
export interface ClusterProvider {
  readonly name: 'kind' | 'minikube'
  /** Version of the tool. Throws TOOL_MISSING with an install hint. */
  version(signal: AbortSignal): Promise<string>
  /** The state of a cluster, read from the engine rather than the tool, so that it takes milliseconds. */
  inspect(cluster: string, signal: AbortSignal): Promise<ClusterState>
  /** Creates the cluster and writes its kubeconfig, with one context, to `kubeconfig` (mode 0600). */
  create(spec: ClusterSpec, kubeconfig: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>
  /** Starts the nodes of a stopped cluster and writes its kubeconfig. */
  start(cluster: string, kubeconfig: string, signal: AbortSignal): Promise<void>
  /** Writes the kubeconfig of an existing cluster to `file`. */
  kubeconfig(cluster: string, file: string, signal: AbortSignal): Promise<void>
  /** Deletes the cluster and its kubeconfig. */
  delete(cluster: string, kubeconfig: string, signal: AbortSignal): Promise<void>
  /** Name of the cluster's context in its kubeconfig. */
  contextName(cluster: string): string
}
