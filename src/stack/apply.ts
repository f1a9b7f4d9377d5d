import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, nameOf, type ObjectRef, refOf } from '../kube/api.ts'
import { type ApiStatus, statusOf } from '../kube/client/errors.ts'
import { inParallel } from '../lib/parallel.ts'
import { waitUntil } from '../lib/wait.ts'
import { placeOf } from '../manifests/rendered.ts'
import type { DesiredObject } from './desired/configured.ts'
import type { Action } from './plan.ts'

export interface ApplyDeps {
  readonly kube: Kube
  readonly signal: AbortSignal
  /** How long one object may be refused for a reason that passes: a webhook that is not up, a namespace that is going. */
  readonly patienceMs: number
}

export type Write = Extract<Action, { do: 'create' | 'update' | 'replace' }>

/** How many requests are under way at once; the server's own limit for a priority level is several times that. */
export const parallelism = 8

/**
 * Carries out one create, update or replacement and gives what the server made of it.
 * Throws MANIFEST_INVALID (the object is wrong, with its place), OBJECT_FOREIGN (someone made one of that name meanwhile), KUBE_API.
 */
export async function write(action: Write, deps: ApplyDeps): Promise<KubeObject> {
  const { object } = action.wanted
  const old = action.do === 'replace' ? action.uid : action.do === 'create' ? action.after : undefined
  if (action.do === 'replace') {
    await deps.kube.delete(refOf(object), { uid: action.uid, propagation: 'Foreground', signal: deps.signal })
  }
  if (old !== undefined) await untilGone(refOf(object), old, deps)
  // Not forced on creation: fields that another manager holds show that the object is not ours after all.
  const applied = await patiently(action.wanted, deps, () =>
    deps.kube.apply(object, { force: action.do !== 'create', signal: deps.signal }),
  )
  return completed(action, applied, deps)
}

/** What server-side apply must not own: the first number of pods, which is the autoscaler's from then on, and a status. */
async function completed(action: Write, applied: KubeObject, { kube, signal }: ApplyDeps): Promise<KubeObject> {
  const { firstReplicas, status } = action.wanted
  if (firstReplicas !== undefined && action.do !== 'update') {
    return kube.patch(refOf(applied), { spec: { replicas: firstReplicas } }, signal)
  }
  return status === undefined ? applied : kube.patch(refOf(applied), { status }, signal, 'status')
}

/** Waits until the object of this UID is no more; another one of its name does not count. Throws NOT_READY. */
export async function untilGone(ref: ObjectRef, uid: string, { kube, signal, patienceMs }: ApplyDeps): Promise<void> {
  const check = async () => {
    const there = await kube.get(ref, signal)
    if (there?.metadata.uid !== uid) return undefined
    const held = (there.metadata.finalizers as string[] | undefined) ?? []
    return held.length === 0 ? 'is being deleted' : `its deletion waits for ${held.join(', ')}`
  }
  await waitUntil(check, { what: nameOf(ref), timeoutMs: patienceMs, intervalMs: 100, signal })
}

/**
 * Lets the server check all objects without changing any. Throws one MANIFEST_INVALID with every object it refuses.
 * What depends on something that this very plan makes passes here, and is checked when it is applied.
 */
export async function validate(writes: readonly Write[], deps: ApplyDeps): Promise<void> {
  const problems: string[] = []
  await inParallel(writes, parallelism, async ({ do: what, wanted }) => {
    try {
      const object = what === 'replace' ? underOtherName(wanted.object) : wanted.object
      await deps.kube.apply(object, { force: true, dryRun: true, signal: deps.signal })
    } catch (error) {
      if (isInvalid(error) && error instanceof DevkError) problems.push(refusal(wanted, error))
      else if (statusOf(error) === undefined) throw error
    }
  })
  if (problems.length > 0) throw invalid(problems.sort())
}

const otherName = '-devk-check'

/** What will be made anew is checked as something new: beside the one that is there, the server refuses just what makes it so. */
function underOtherName(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, name: `${object.metadata.name.slice(0, 52)}${otherName}` } }
}

const passing = new Set([409, 429, 500, 502, 503, 504])

async function patiently<T>(wanted: DesiredObject, deps: ApplyDeps, run: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + deps.patienceMs
  for (let pause = 100; ; pause = Math.min(pause * 2, 2000)) {
    try {
      return await run()
    } catch (error) {
      const late = performance.now() + pause > deadline
      if (late || !passes(error)) throw explained(error, wanted)
    }
    await sleep(pause, undefined, { signal: deps.signal })
  }
}

/** Whether trying again may help. A webhook that does not answer is 500 or 503; a namespace that is going has its own cause. */
function passes(error: unknown): boolean {
  const causes = causesOf(error)
  if (causes.includes('FieldManagerConflict') || isInvalid(error)) return false
  return passing.has(statusOf(error) ?? 0) || causes.includes('NamespaceTerminating')
}

function explained(error: unknown, wanted: DesiredObject): unknown {
  if (!(error instanceof DevkError)) return error
  if (causesOf(error).includes('FieldManagerConflict')) {
    const words = `${nameOf(wanted.object)} was made by someone else while devk worked`
    return new DevkError('OBJECT_FOREIGN', words, { details: [error.message, ...error.details], cause: error })
  }
  return isInvalid(error) ? invalid([refusal(wanted, error)], error) : error
}

function invalid(problems: readonly string[], cause?: unknown): DevkError {
  return new DevkError('MANIFEST_INVALID', 'The cluster does not accept the manifests', {
    details: problems,
    hint: 'Correct the fields named above; kubectl explain KIND.FIELD tells what is allowed.',
    cause,
  })
}

function refusal({ object, origin }: DesiredObject, error: DevkError): string {
  const message = error.message.startsWith(nameOf(object)) ? error.message : `${nameOf(object)}: ${error.message}`
  return `${placeOf(origin)}: ${message.replace(/failed to create typed patch object \([^)]*\): /, '').replaceAll(otherName, '')}`
}

/**
 * A field that the schema does not know makes a server-side apply answer 500, with neither reason nor details (seen with
 * Kubernetes 1.34); every other internal error, such as a webhook's, names its reason.
 */
function isInvalid(error: unknown): boolean {
  const status = statusOf(error)
  return status === 400 || status === 422 || (status === 500 && accountOf(error).reason === undefined)
}

function causesOf(error: unknown): string[] {
  return (accountOf(error).details?.causes ?? []).flatMap(({ reason }) => (reason === undefined ? [] : [reason]))
}

function accountOf(error: unknown): Partial<ApiStatus> {
  return error instanceof DevkError && statusOf(error) !== undefined ? (error.cause as ApiStatus) : {}
}
