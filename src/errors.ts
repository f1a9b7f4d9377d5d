/** What went wrong, as a stable word for scripts. The exit code follows from it (see `exitCodeOf`). */
export type ErrorCode =
  | 'USAGE'
  | 'CONFIG_INVALID'
  | 'CONFIG_NOT_FOUND'
  | 'TOOL_MISSING'
  | 'ENGINE_UNAVAILABLE'
  | 'ENGINE_TOO_OLD'
  | 'HOST_UNFIT'
  | 'PORT_TAKEN'
  | 'DISK_FULL'
  | 'LOCKED'
  | 'CLUSTER_FOREIGN'
  | 'CLUSTER_FAILED'
  | 'CLUSTER_MISSING'
  | 'CONTEXT_REFUSED'
  | 'KUBE_API'
  | 'BUILD_FAILED'
  | 'IMAGE_MISSING'
  | 'LOAD_FAILED'
  | 'MANIFEST_INVALID'
  | 'OBJECT_FOREIGN'
  | 'NOT_READY'
  | 'SYNC_FAILED'
  | 'NODE_AGENT'
  | 'COMMAND_FAILED'
  | 'KIT_FAILED'
  | 'INTERRUPTED'

const exitCodes: Partial<Record<ErrorCode, number>> = {
  USAGE: 2,
  CONFIG_INVALID: 2,
  CONFIG_NOT_FOUND: 2,
  NOT_READY: 3,
  INTERRUPTED: 130,
}

export interface DevkErrorOptions {
  /** Lines under the headline: where it comes from, what has or has not happened. */
  details?: readonly string[]
  /** The next step for the user, one or two sentences. */
  hint?: string
  cause?: unknown
  /** Overrides the code's exit code, for commands that pass on another program's. */
  exitCode?: number
}

/** A failure the user can act on. Anything else that reaches main() is a defect in devk. */
export class DevkError extends Error {
  override readonly name = 'DevkError'
  readonly code: ErrorCode
  readonly details: readonly string[]
  readonly hint: string | undefined
  readonly exitCode: number

  constructor(code: ErrorCode, message: string, options: DevkErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.details = options.details ?? []
    this.hint = options.hint
    this.exitCode = options.exitCode ?? exitCodes[code] ?? 1
  }
}
