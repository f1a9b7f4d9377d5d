import { DevkError } from '../errors.ts'
import { nameOf } from '../kube/api.ts'
import { type ApiStatus, statusOf } from '../kube/client/errors.ts'
import { placeOf } from '../manifests/rendered.ts'
import type { DesiredObject } from './desired/configured.ts'

const temporary = new Set([409, 429, 500, 502, 503, 504])

/**
 * Whether a retry may help. A webhook that does not respond yet causes 500 or 503. A namespace that is being deleted
 * causes 403, with a cause of its own.
 */
export function mayPass(error: unknown): boolean {
  const causes = causesOf(error)
  if (causes.includes('FieldManagerConflict') || isInvalid(error)) return false
  return temporary.has(statusOf(error) ?? 0) || causes.includes('NamespaceTerminating')
}

/**
 * The API server's refusal of an object as an error about the manifests: MANIFEST_INVALID with the place of the object,
 * or OBJECT_FOREIGN if someone else has created an object of that name meanwhile. Every other error comes back as it
 * is.
 */
export function refusalOf(wanted: DesiredObject, error: unknown): unknown {
  if (!(error instanceof DevkError)) return error
  if (causesOf(error).includes('FieldManagerConflict')) {
    const message = `${nameOf(wanted.object)} was created by someone else while devk was running`
    return new DevkError('OBJECT_FOREIGN', message, { details: [error.message, ...error.details], cause: error })
  }
  return isInvalid(error) ? invalid([refusalLine(wanted, error)], error) : error
}

/** MANIFEST_INVALID with one line for each refused object. */
export function invalid(problems: readonly string[], cause?: unknown): DevkError {
  return new DevkError('MANIFEST_INVALID', 'The cluster does not accept the manifests', {
    details: problems,
    hint: 'Correct the fields named above. kubectl explain KIND.FIELD shows what a field accepts.',
    cause,
  })
}

/** `k8s/a.yaml:1: Deployment shop/web: …`: the place of a refused object, and the API server's reason. */
export function refusalLine({ object, origin }: DesiredObject, error: DevkError): string {
  const message = error.message.startsWith(nameOf(object)) ? error.message : `${nameOf(object)}: ${error.message}`
  return `${placeOf(origin)}: ${message.replace(/failed to create typed patch object \([^)]*\): /, '')}`
}

/**
 * Whether the API server finds the object itself wrong. A field that the schema does not have makes server-side apply
 * return 500 without reason and details (seen with Kubernetes 1.34). Every other internal error, such as that of a
 * webhook, has a reason.
 */
export function isInvalid(error: unknown): error is DevkError {
  const status = statusOf(error)
  return status === 400 || status === 422 || (status === 500 && apiStatusOf(error).reason === undefined)
}

/**
 * Whether the API server refuses a Service only because a node port or an IP of it is allocated: that is no mistake of
 * the object, and may pass.
 */
export function isAllocated(error: unknown): error is DevkError {
  if (!isInvalid(error)) return false
  const { details, message = '' } = apiStatusOf(error)
  const reasons = details?.causes?.map((cause) => cause.message ?? '') ?? [message]
  return reasons.length > 0 && reasons.every((reason) => reason.includes('already allocated'))
}

/** The API server's reason, without the name of the object. */
export function reasonOf(error: DevkError): string {
  const causes = apiStatusOf(error).details?.causes ?? []
  const reasons = causes.flatMap(({ field, message }) => (message ? [[field, message].filter(Boolean).join(': ')] : []))
  return reasons.join('; ') || error.message
}

function causesOf(error: unknown): string[] {
  return (apiStatusOf(error).details?.causes ?? []).flatMap(({ reason }) => (reason === undefined ? [] : [reason]))
}

function apiStatusOf(error: unknown): Partial<ApiStatus> {
  return error instanceof DevkError && statusOf(error) !== undefined ? (error.cause as ApiStatus) : {}
}
