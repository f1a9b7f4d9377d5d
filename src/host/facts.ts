import type { EngineInfo } from '../engine/image-api.ts'
import type { KubectlFact } from './kubectl.ts'

/** What devk knows of the Docker engine. */
export type EngineFact =
  | ({ readonly state: 'running' } & EngineInfo)
  /** Nothing answers. `installed` is the version of dockerd on this machine. */
  | { readonly state: 'silent'; readonly installed: string | undefined }
  /** The socket is there and this user may not use it; `group` may, undefined when only root may. */
  | { readonly state: 'denied'; readonly socket: string; readonly group: string | undefined }
  /** An engine elsewhere (DOCKER_HOST, a docker context) that cannot be reached. */
  | { readonly state: 'remote'; readonly reason: string }

/** What is read from a machine, without judgement; checks.ts judges. Kernel facts are absent where there is no Linux. */
export interface HostFacts {
  readonly platform: NodeJS.Platform
  readonly root: boolean
  readonly engine: EngineFact
  readonly kernel: KernelFacts | undefined
  /** The disk that holds the images; absent when that is another machine's. */
  readonly disk: { readonly folder: string; readonly freeBytes: number } | undefined
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number }
  readonly kubectl: KubectlFact
  /** unknown: not asked, since a proxy stands between. */
  readonly registry: 'reached' | 'unreachable' | 'unknown'
  readonly proxy: ProxyFacts
  /** Ports of this machine the project asks for, and who has them. */
  readonly ports: readonly { readonly port: number; readonly owner: string }[]
}

export interface KernelFacts {
  readonly release: string
  readonly cgroup: CgroupFacts
  readonly inotifyInstances: number
  readonly inotifyWatches: number
  /** Hard limit of open files; Infinity for none. */
  readonly openFiles: number
  /** Of the capabilities that nodes need, those that this user, or its bounding set, lacks. Empty for others than root. */
  readonly missingCapabilities: readonly string[]
}

export interface CgroupFacts {
  readonly version: 1 | 2
  /** Controllers the kernel offers that are mounted nowhere, in the groups they are mounted by: `net_cls,net_prio`. */
  readonly unmounted: readonly string[]
}

export interface ProxyFacts {
  /** `HTTPS_PROXY=…` as it is set, without credentials. */
  readonly variables: readonly string[]
  /** Whether loopback is exempt from it. */
  readonly loopbackExempt: boolean
  /** File of a certificate authority the environment names. */
  readonly certificates: string | undefined
}
