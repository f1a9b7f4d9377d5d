/** A node to be made; `labels` and `taints` as kubectl writes them. */
export interface NodeSpec {
  readonly role: 'control-plane' | 'worker'
  readonly labels: Readonly<Record<string, string>>
  /** `key=value:Effect` or `key:Effect`. */
  readonly taints: readonly string[]
  /** What its pods may request and use; what is undefined is as much as the machine has. */
  readonly size?: NodeSize
}

export interface NodeSize {
  /** Thousandths of a CPU. */
  readonly cpu?: number
  /** Bytes. */
  readonly memory?: number
}

export interface HostPort {
  /** Port on 127.0.0.1. */
  readonly host: number
  /** Port on the first control-plane node (a NodePort or a host port). */
  readonly node: number
  /** A preset asked for it, not the configuration. */
  readonly preset?: true
}

export interface ClusterSpec {
  readonly project: string
  readonly name: string
  readonly nodes: readonly NodeSpec[]
  readonly ports: readonly HostPort[]
  /** Node image reference; with Minikube '' is its own. */
  readonly image: string
  readonly podSubnet: string | undefined
  readonly serviceSubnet: string | undefined
  /** Extra kubeadm configuration patches, YAML. */
  readonly kubeadmPatches: readonly string[]
  /** What Minikube alone takes. */
  readonly minikube?: MinikubeOptions
}

/** What only Minikube takes; undefined leaves a choice to it. */
export interface MinikubeOptions {
  /** `v1.34.4` */
  readonly kubernetesVersion: string | undefined
  /** A network by name, or the path of its manifests. */
  readonly cni: string | undefined
  /** `/folder/here:/path/in/nodes` */
  readonly mount: string | undefined
  /** More arguments for `minikube start`. */
  readonly startArgs: readonly string[]
}

export interface ClusterNode {
  readonly name: string
  readonly role: 'control-plane' | 'worker'
  /** The node's container on the local engine, when it has one. */
  readonly container: string | undefined
  readonly running: boolean
}

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
  /** Read off the engine, not off the tool, so that it takes milliseconds. */
  inspect(cluster: string, signal: AbortSignal): Promise<ClusterState>
  /** Creates the cluster and writes its kubeconfig, with one context, to `kubeconfig` (mode 0600). */
  create(spec: ClusterSpec, kubeconfig: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>
  /** Starts the nodes of a stopped cluster. */
  start(cluster: string, kubeconfig: string, signal: AbortSignal): Promise<void>
  /** Writes the kubeconfig of a cluster that is there. */
  kubeconfig(cluster: string, file: string, signal: AbortSignal): Promise<void>
  delete(cluster: string, kubeconfig: string, signal: AbortSignal): Promise<void>
  contextName(cluster: string): string
}
