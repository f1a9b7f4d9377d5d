import type { ErrorCode } from '../error-codes.ts'
import { DevkError, type DevkErrorOptions } from '../errors.ts'

/** The engine passes the kernel's words for ENOSPC and EDQUOT on, without a code of its own. */
const full = /no space left on device|disk quota exceeded/i

/**
 * A failure of the engine: DISK_FULL, with the way to room, when the words of `told` say that its disk is full, else `code`.
 * `told` is what is looked through; the error says what its message and options say.
 */
export function engineFailure(
  code: ErrorCode,
  message: string,
  told: readonly string[],
  options: DevkErrorOptions = {},
): DevkError {
  if (!told.some((words) => full.test(words))) return new DevkError(code, message, options)
  return new DevkError('DISK_FULL', message, {
    ...options,
    hint: 'The disk of the engine is full. docker system df shows what takes the room; devk prune and docker system prune free it.',
  })
}
