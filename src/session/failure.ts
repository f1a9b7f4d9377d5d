import type { ErrorCode } from '../error-codes.ts'
import { DevkError } from '../errors.ts'
import { messageOf } from '../lib/text.ts'
import type { Failure } from './state.ts'

/** The step whose failure an error code tells. */
const steps: Partial<Readonly<Record<ErrorCode, string>>> = {
  BUILD_FAILED: 'build',
  IMAGE_MISSING: 'pull',
  LOAD_FAILED: 'load',
  NOT_READY: 'ready',
  CONFIG_INVALID: 'configuration',
  MANIFEST_INVALID: 'manifests',
}
/** An error holds the output of a failed build; the end of it says why. */
const longest = 4000

/** What a session keeps of an error. `usual` names the step if the error does not. Pure. */
export function failureOf(error: unknown, usual: string): Failure {
  if (!(error instanceof DevkError)) return { step: usual, text: shortened(messageOf(error)), hint: null }
  const text = [error.message, ...error.details].join('\n')
  return { step: steps[error.code] ?? usual, text: shortened(text), hint: error.hint ?? null }
}

function shortened(text: string): string {
  if (text.length <= longest) return text
  const [first = ''] = text.split('\n', 1)
  const head = first.slice(0, 500)
  return `${head}\n…\n${text.slice(-(longest - head.length))}`
}
