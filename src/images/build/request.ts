import type { IgnoreRules } from './ignore.ts'
import type { BuildProgress } from './progress.ts'

/** Builds images. Throws BUILD_FAILED with the failing step and its last lines; the result is the proven image id. */
export interface ImageBuilder {
  build(request: BuildRequest, onLine: (line: string) => void, signal: AbortSignal): Promise<string>
}

export interface BuildRequest {
  /** Absolute path of the build context. */
  readonly context: string
  /** Absolute path of the Dockerfile. */
  readonly dockerfile: string
  /** Full reference the result is tagged with. */
  readonly tag: string
  readonly target: string | undefined
  readonly args: Readonly<Record<string, string>>
  readonly platform: string | undefined
  /** Build secrets: id to file, or to the environment variable that holds it. */
  readonly secrets: Readonly<Record<string, { readonly file?: string | undefined; readonly env?: string | undefined }>>
  readonly cacheFrom: readonly string[]
  readonly noCache: boolean
  readonly labels: Readonly<Record<string, string>>
  /** PEM bundle given to the build; see images/certificates. */
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
