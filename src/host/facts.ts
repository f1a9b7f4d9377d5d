import type { EngineInfo } from '../engine/image-api.ts'
import type { HelmFact } from './helm-check.ts'
import type { KubectlFact } from './kubectl.ts'

/** State of the Docker engine. */
export type EngineFact =
  | ({ readonly state: 'running' } & EngineInfo)
  /** Nothing answers. `installed` is the version of dockerd here, `podman` a socket on which Podman listens. */
  | { readonly state: 'silent'; readonly installed: string | undefined; readonly podman?: string }
  /** Nothing answers on the default socket, but the engine of a user or of a virtual machine listens on its own. */
  | { readonly state: 'elsewhere'; readonly program: string; readonly socket: string }
  /** The socket exists, but this user has no access. `group` has access; undefined when only root has. */
  | { readonly state: 'denied'; readonly socket: string; readonly group: string | undefined }
  /** It accepts connections, and answers nothing. */
  | { readonly state: 'stuck'; readonly reason: string }
  /** An engine elsewhere (DOCKER_HOST, a docker context) that cannot be reached. */
  | { readonly state: 'remote'; readonly reason: string }

/** Facts of a machine; checks.ts judges them. Kernel facts exist on Linux only. */
export interface HostFacts {
  readonly platform: NodeJS.Platform
  readonly root: boolean
  readonly engine: EngineFact
  readonly kernel: KernelFacts | undefined
  /** The disk that holds the images; undefined when it is on another machine. */
  readonly disk: { readonly folder: string; readonly freeBytes: number } | undefined
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number }
  readonly kubectl: KubectlFact
  /** undefined when the configuration has no charts, or is code. */
  readonly helm: HelmFact | undefined
  /** `unknown`: not checked, because a proxy is configured. */
  readonly registry: 'reached' | 'unreachable' | 'unknown'
  readonly proxy: ProxyFacts
  /**
   * Ports of this machine that the project maps and another program uses; the owner is for messages. undefined if the
   * configuration is code and was never up.
   */
  readonly ports: readonly { readonly port: number; readonly owner: string }[] | undefined
}

/** Limits of the Linux kernel that nodes depend on. */
export interface KernelFacts {
  readonly release: string
  readonly cgroup: CgroupFacts
  readonly inotifyInstances: number
  readonly inotifyWatches: number
  /** Hard limit of open files; Infinity for none. */
  readonly openFiles: number
  /** Capabilities that nodes need and that root, or its bounding set, lacks. Empty for other users. */
  readonly missingCapabilities: readonly string[]
}

/** Control groups of this machine. */
export interface CgroupFacts {
  readonly version: 1 | 2
  /** Enabled controllers that are not mounted, grouped as they are mounted: `net_cls,net_prio`. */
  readonly unmounted: readonly string[]
}

/** Proxy settings in the environment. */
export interface ProxyFacts {
  /** `HTTPS_PROXY=…` as it is set, without credentials. */
  readonly variables: readonly string[]
  /** Whether NO_PROXY exempts loopback. */
  readonly loopbackExempt: boolean
  /** File with certificates of an authority that the environment names. */
  readonly certificates: string | undefined
}
