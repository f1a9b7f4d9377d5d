import type { Readable, Writable } from 'node:stream'
import type { ImageStore } from './image-api.ts'

export interface PortBinding {
  /** `5000/tcp` */
  readonly container: string
  readonly hostIp: string
  readonly hostPort: number
}

export interface MountInfo {
  readonly type: string
  /** Path on the host, or the volume's name. */
  readonly source: string
  readonly target: string
}

export interface ContainerInfo {
  readonly id: string
  readonly name: string
  /** Reference it was created from. */
  readonly image: string
  /** `running`, `exited`, `created`, `paused`, … */
  readonly state: string
  readonly exitCode: number | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly ports: readonly PortBinding[]
  /** Network name to the container's address in it. */
  readonly networks: Readonly<Record<string, string>>
  readonly mounts: readonly MountInfo[]
}

export interface ContainerSpec {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** Published on loopback only. */
  readonly ports?: readonly { readonly container: string; readonly hostPort: number }[]
  readonly binds?: readonly { readonly source: string; readonly target: string }[]
  readonly network?: string
  /** `uid:gid` */
  readonly user?: string
  readonly restart?: 'no' | 'unless-stopped'
}

export interface ContainerLimits {
  /** Thousandths of a CPU. */
  readonly cpu?: number
  /** Bytes. */
  readonly memory?: number
}

export interface ExecResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A program in a container, with its streams. */
export interface ExecChild {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves with the exit code, or null when the connection broke first; never rejects. */
  readonly done: Promise<number | null>
  /** Cuts the connection; the program sees the end of its input. */
  kill(): void
}

/** Containers of the local engine. Each call is safe to repeat; what is already so is no error. */
export interface Containers {
  /** All that carry these labels (`key` or `key=value`), stopped ones too. */
  list(labels: readonly string[], signal: AbortSignal): Promise<ContainerInfo[]>
  /** undefined when there is none of that name. */
  inspect(name: string, signal: AbortSignal): Promise<ContainerInfo | undefined>
  /** Creates without starting and gives the id. Throws IMAGE_MISSING when the engine has no such image. */
  create(spec: ContainerSpec, signal: AbortSignal): Promise<string>
  /** Throws PORT_TAKEN when a published port is in use. */
  start(name: string, signal: AbortSignal): Promise<void>
  stop(name: string, signal: AbortSignal): Promise<void>
  /** Limits what it and all in it may use, from now on and after each start; without swap beyond its memory. */
  limit(name: string, limits: ContainerLimits, signal: AbortSignal): Promise<void>
  /** By force, with its anonymous volumes. */
  remove(name: string, signal: AbortSignal): Promise<void>
}

export interface ExecOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array | Readable
}

/** Programs in running containers. Throws COMMAND_FAILED when the container is not there or not running. */
export interface Execs {
  /** Runs to the end; a non-zero exit is a result. */
  run(container: string, argv: readonly string[], options: ExecOptions, signal: AbortSignal): Promise<ExecResult>
  /** Starts a program that is talked to through its streams. */
  open(container: string, argv: readonly string[], signal: AbortSignal): Promise<ExecChild>
}

export interface NamedLabels {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

export interface Networks {
  list(labels: readonly string[], signal: AbortSignal): Promise<NamedLabels[]>
  exists(name: string, signal: AbortSignal): Promise<boolean>
  /** Attaches a container; no error when it is attached already. */
  connect(network: string, container: string, signal: AbortSignal): Promise<void>
  /** Takes a container off; no error when it, or the network, is not there. */
  disconnect(network: string, container: string, signal: AbortSignal): Promise<void>
  remove(name: string, signal: AbortSignal): Promise<void>
}

export interface Volumes {
  list(labels: readonly string[], signal: AbortSignal): Promise<NamedLabels[]>
  remove(name: string, signal: AbortSignal): Promise<void>
}

/** What devk needs of the local container engine. Every call throws ENGINE_UNAVAILABLE when nothing answers. */
export interface Engine {
  readonly images: ImageStore
  readonly containers: Containers
  readonly exec: Execs
  readonly networks: Networks
  readonly volumes: Volumes
}
