import type { Readable } from 'node:stream'

/** An image of the engine. */
export interface ImageInfo {
  /** `sha256:…`, the image id on the engine. */
  readonly id: string
  readonly tags: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** Uncompressed layer digests, base first. */
  readonly diffIds: readonly string[]
  /** Bytes. */
  readonly size: number
  /** Bytes that it shares with no other image; in lists only. */
  readonly ownSize?: number
  /** `NAME@sha256:…` for each registry that it was pulled from or pushed to. */
  readonly repoDigests?: readonly string[]
  /** Whether it has ONBUILD instructions. */
  readonly triggers?: boolean
}

/** What a running engine reports about itself. */
export interface EngineInfo {
  /** Identifies the engine; undefined if it has no identity. */
  readonly id: string | undefined
  /** Its address in the form of DOCKER_HOST. */
  readonly host: string
  readonly program: 'Docker' | 'Podman'
  /** `26.1.5` */
  readonly version: string
  /** Whether the engine runs without the rights of root. */
  readonly rootless: boolean
  readonly os: string
  readonly arch: string
  readonly cgroupVersion: '1' | '2'
  readonly rootDir: string
  readonly memoryBytes: number
  readonly cpus: number
}

/** A login to a registry. Where the registry issued an identity token, it replaces the password. */
export interface RegistryCredentials {
  readonly username: string
  readonly password: string
  readonly identitytoken?: string
}

/** Images of the local engine. Each method throws ENGINE_UNAVAILABLE when no engine answers. */
export interface ImageStore {
  info(signal: AbortSignal): Promise<EngineInfo>
  /** undefined when the engine does not have the image. */
  inspect(reference: string, signal: AbortSignal): Promise<ImageInfo | undefined>
  /** Images that have all these labels (`key=value`). */
  list(labels: readonly string[], signal: AbortSignal): Promise<ImageInfo[]>
  /** Pulls. Throws IMAGE_MISSING with the registry's message, or DISK_FULL. */
  pull(
    reference: string,
    onLine: (line: string) => void,
    signal: AbortSignal,
    credentials?: RegistryCredentials,
  ): Promise<void>
  tag(source: string, target: string, signal: AbortSignal): Promise<void>
  /**
   * Pushes and returns the digest of the manifest. A registry on loopback needs no credentials. Throws LOAD_FAILED or
   * DISK_FULL.
   */
  push(
    reference: string,
    onLine: (line: string) => void,
    signal: AbortSignal,
    credentials?: RegistryCredentials,
  ): Promise<string>
  remove(reference: string, signal: AbortSignal): Promise<void>
  /** `docker save`, as a stream. */
  save(references: readonly string[], signal: AbortSignal): Promise<Readable>
}
