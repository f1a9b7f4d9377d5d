import type { Readable } from 'node:stream'

export interface ImageInfo {
  /** `sha256:…`, the image id on the engine. */
  readonly id: string
  readonly tags: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** Uncompressed layer digests, base first. */
  readonly diffIds: readonly string[]
  /** Bytes. */
  readonly size: number
  /** Bytes that no other image shares; only in lists. */
  readonly ownSize?: number
  /** `NAME@sha256:…` for each registry it was pulled from or pushed to. */
  readonly repoDigests?: readonly string[]
}

export interface EngineInfo {
  /** `26.1.5` */
  readonly version: string
  readonly os: string
  readonly arch: string
  readonly cgroupVersion: '1' | '2'
  readonly rootDir: string
  readonly memoryBytes: number
  readonly cpus: number
}

/** How one logs in to a registry; an identity token stands in for a password where the registry gave one. */
export interface RegistryCredentials {
  readonly username: string
  readonly password: string
  readonly identitytoken?: string
}

/** What devk needs of the local container engine for images. Throws ENGINE_UNAVAILABLE when nothing answers. */
export interface ImageStore {
  info(signal: AbortSignal): Promise<EngineInfo>
  /** undefined when there is no such image. */
  inspect(reference: string, signal: AbortSignal): Promise<ImageInfo | undefined>
  /** Images that carry all these labels (`key=value`). */
  list(labels: readonly string[], signal: AbortSignal): Promise<ImageInfo[]>
  /** Pulls; throws IMAGE_MISSING with the registry's words. */
  pull(reference: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>
  tag(source: string, target: string, signal: AbortSignal): Promise<void>
  /** Pushes and gives the manifest's digest; a registry on loopback asks for no credentials. Throws LOAD_FAILED. */
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
