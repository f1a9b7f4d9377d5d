import { type ErrorCode, errorCodes } from './error-codes.ts'

/** What an error says besides its message. */
export interface DevkErrorOptions {
  /** Lines below the message: where the problem comes from, and what has or has not been changed. */
  details?: readonly string[]
  /** What the user can do next, in one or two sentences. */
  hint?: string
  cause?: unknown
  /** Replaces the exit code of the error code, for commands that return the exit code of another program. */
  exitCode?: number
}

/** A failure that the user can act on. Every other error that reaches `launch` is reported as a bug in devk. */
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
    this.exitCode = options.exitCode ?? errorCodes[code].exitCode
  }
}
