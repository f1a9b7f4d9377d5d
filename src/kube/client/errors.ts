import { DevkError } from '../../errors.ts'
import type { Call } from './call.ts'

/** The fields of a metav1.Status, with which the API server describes a failure, that devk reads. */
export interface ApiStatus {
  readonly code: number
  readonly reason?: string
  readonly message?: string
  readonly details?: {
    readonly retryAfterSeconds?: number
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[]
  }
}

/**
 * The HTTP status of a KUBE_API error. undefined when the server sent no answer, for example because it could not be
 * reached.
 */
export function statusOf(error: unknown): number | undefined {
  const cause = error instanceof DevkError && error.code === 'KUBE_API' ? error.cause : undefined
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'number'
    ? cause.code
    : undefined
}

/**
 * A KUBE_API error with the message of the server. `what` names the object; without it the message names the request.
 */
export function apiFailure(call: Pick<Call, 'method' | 'path'>, code: number, body: unknown, what?: string): DevkError {
  const status = asStatus(code, body)
  const subject = what ?? `${call.method} ${call.path.split('?')[0]}`
  if (status.reason === 'Conflict' || code === 409) {
    const conflicts = (status.details?.causes ?? []).filter((cause) => cause.reason === 'FieldManagerConflict')
    const manager = /^conflict with "([^"]+)"/.exec(conflicts[0]?.message ?? '')?.[1]
    if (manager) {
      return new DevkError(
        'KUBE_API',
        `${subject}: ${conflicts.length > 1 ? 'fields are' : 'a field is'} managed by "${manager}"`,
        {
          details: conflicts.map((cause) => `${cause.field ?? ''}  ${cause.message ?? ''}`),
          cause: status,
        },
      )
    }
  }
  const causes = (status.details?.causes ?? []).map((cause) => [cause.field, cause.message].filter(Boolean).join(': '))
  return new DevkError('KUBE_API', `${subject}: ${status.message ?? `the API server responded with status ${code}`}`, {
    details: causes.length > 1 ? causes : [],
    ...(code === 401 || code === 403
      ? { hint: 'The user of the kubeconfig has no permission for this, or its credentials have expired.' }
      : {}),
    cause: status,
  })
}

/** A KUBE_API error for a server that did not respond. Returns a DevkError, and an error after an abort, unchanged. */
export function unreachable(server: URL, call: Call, error: unknown): unknown {
  if (error instanceof DevkError || call.signal.aborted) return error
  const reason = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error)
  return new DevkError(
    'KUBE_API',
    `the API server ${server.origin} did not respond to ${call.method} ${call.path.split('?')[0]} (${reason})`,
    {
      hint: 'Run devk status to see whether the cluster runs. devk up starts it again.',
      cause: error,
    },
  )
}

function asStatus(code: number, body: unknown): ApiStatus {
  if (typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status') {
    return { ...(body as Omit<ApiStatus, 'code'>), code }
  }
  const text = typeof body === 'string' ? body.trim().slice(0, 500) : ''
  return text === '' ? { code } : { code, message: text }
}
