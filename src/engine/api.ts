import type { Readable, Writable } from 'node:stream'
import type { ImageStore } from './image-api.ts'

/** A published port of a container. */
export interface PortBinding {
  /** `5000/tcp` */
  readonly container: string
  readonly hostIp: string
  readonly hostPort: number
}

/** A mount of a container. */
export interface MountInfo {
  readonly type: string
  /** Path on the host, or the volume's name. */
  readonly source: string
  readonly target: string
}

/** A container of the engine. */
export interface ContainerInfo {
  readonly id: string
  readonly name: string
  /** Reference of the image that it was created from. */
  readonly image: string
  /** `running`, `exited`, `created`, `paused`, … */
  readonly state: string
  readonly exitCode: number | undefined
  /** Milliseconds since the epoch; undefined when it is unknown or does not run. */
  readonly startedAt?: number | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly ports: readonly PortBinding[]
  /** Network name to the container's address in it. */
  readonly networks: Readonly<Record<string, string>>
  readonly mounts: readonly MountInfo[]
}

/** A container to create. */
export interface ContainerSpec {
  readonly name: string
  readonly image: string
  /** Stands for the entry point of the image. */
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  /** Programs that are put into the container, by their absolute paths. */
  readonly programs?: Readonly<Record<string, Buffer>>
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

/** Limits of a container; without a value there is none. */
export interface ContainerLimits {
  /** Thousandths of a CPU. */
  readonly cpu?: number
  /** Bytes. */
  readonly memory?: number
}

/** Result of a program that ran in a container. */
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
  /** Resolves with the exit code, or null when the connection was lost first; never rejects. */
  readonly done: Promise<number | null>
  /** Closes the connection; the program reads the end of its input. */
  kill(): void
}

/** Containers of the local engine. Each call is safe to repeat: a state that already exists is no error. */
export interface Containers {
  /** All containers that have these labels (`key` or `key=value`), including stopped ones. */
  list(labels: readonly string[], signal: AbortSignal): Promise<ContainerInfo[]>
  /** undefined when no container has that name. */
  inspect(name: string, signal: AbortSignal): Promise<ContainerInfo | undefined>
  /**
   * Creates a container without starting it and returns its id. Throws IMAGE_MISSING when the engine does not have the
   * image.
   */
  create(spec: ContainerSpec, signal: AbortSignal): Promise<string>
  /** Starts a container, or continues a paused one. Throws PORT_TAKEN when a published port is in use. */
  start(name: string, signal: AbortSignal): Promise<void>
  stop(name: string, signal: AbortSignal): Promise<void>
  /** Limits what a container may use, now and after each start. It gets no swap. */
  limit(name: string, limits: ContainerLimits, signal: AbortSignal): Promise<void>
  /** Removes a container, running or not, and its anonymous volumes. */
  remove(name: string, signal: AbortSignal): Promise<void>
}

/** Environment and input of a program in a container. */
export interface ExecOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array | Readable
}

/**
 * Programs in running containers. Each call throws COMMAND_FAILED when the container does not exist or is not running.
 */
export interface Execs {
  /** Runs a program to its end. A non-zero exit code is a result, not an error. */
  run(container: string, argv: readonly string[], options: ExecOptions, signal: AbortSignal): Promise<ExecResult>
  /** Starts a program and connects its streams. */
  open(container: string, argv: readonly string[], signal: AbortSignal): Promise<ExecChild>
}

/** Name and labels of a network or volume. */
export interface NamedLabels {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** Networks of the engine. */
export interface Networks {
  list(labels: readonly string[], signal: AbortSignal): Promise<NamedLabels[]>
  exists(name: string, signal: AbortSignal): Promise<boolean>
  /** Connects a container; no error when it is already connected. */
  connect(network: string, container: string, signal: AbortSignal): Promise<void>
  /** Disconnects a container; no error when the container or the network does not exist. */
  disconnect(network: string, container: string, signal: AbortSignal): Promise<void>
  remove(name: string, signal: AbortSignal): Promise<void>
}

/** Volumes of the engine. */
export interface Volumes {
  list(labels: readonly string[], signal: AbortSignal): Promise<NamedLabels[]>
  remove(name: string, signal: AbortSignal): Promise<void>
}

/** The local container engine. Each call throws ENGINE_UNAVAILABLE when no engine answers. */
export interface Engine {
  readonly images: ImageStore
  readonly containers: Containers
  readonly exec: Execs
  readonly networks: Networks
  readonly volumes: Volumes
}
