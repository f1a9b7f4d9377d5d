import type { IgnoreRules } from './ignore.ts'
import type { BuildProgress } from './progress.ts'

/** Builds images. */
export interface ImageBuilder {
  /**
   * Builds an image and returns its proven id. Throws BUILD_FAILED with the failed step and its last output, or
   * DISK_FULL.
   */
  build(request: BuildRequest, onLine: (line: string) => void, signal: AbortSignal): Promise<string>
}

/** What to build. */
export interface BuildRequest {
  /** Absolute path of the build context. */
  readonly context: string
  /** Absolute path of the Dockerfile. */
  readonly dockerfile: string
  /** Full reference of the resulting image. */
  readonly tag: string
  /** More contexts by name: an absolute folder, or what `docker buildx build --build-context` takes besides. */
  readonly contexts: Readonly<Record<string, string>>
  /** `default`, or an id with files of keys. */
  readonly ssh: readonly string[]
  readonly target: string | undefined
  readonly args: Readonly<Record<string, string>>
  readonly platform: string | undefined
  /** Build secrets: id to a file, or to the environment variable with the value. */
  readonly secrets: Readonly<Record<string, { readonly file?: string | undefined; readonly env?: string | undefined }>>
  readonly cacheFrom: readonly string[]
  readonly noCache: boolean
  readonly labels: Readonly<Record<string, string>>
  /** PEM file with a CA bundle for the build; see certificates.ts. */
  readonly caCertificates: string | undefined
}

/** A build whose files have been read. */
export interface PreparedBuild {
  readonly request: BuildRequest
  readonly ignore: IgnoreRules
  /** Text of the Dockerfile. */
  readonly dockerfile: string
  readonly progress: BuildProgress
}
