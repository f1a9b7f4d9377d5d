import type { ErrorCode } from '../error-codes.ts'
import { DevkError, type DevkErrorOptions } from '../errors.ts'

/** The engine has no error code for a full disk: it passes on the kernel's messages for ENOSPC and EDQUOT. */
const full = /no space left on device|disk quota exceeded/i

/** Whether one of these lines says that a disk is full. */
export function saysDiskFull(output: readonly string[]): boolean {
  return output.some((line) => full.test(line))
}

/**
 * An error of the engine: DISK_FULL, with a hint, when one of the lines in `output` says that its disk is full;
 * otherwise `code`. `output` is only searched; the error has the message and options that are passed.
 */
export function engineFailure(
  code: ErrorCode,
  message: string,
  output: readonly string[],
  options: DevkErrorOptions = {},
): DevkError {
  if (!saysDiskFull(output)) return new DevkError(code, message, options)
  return new DevkError('DISK_FULL', message, {
    ...options,
    hint: 'The disk of the engine is full. See docker system df. To free space: devk prune, docker system prune.',
  })
}
