import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, nameOf, type ObjectRef, refOf } from '../kube/api.ts'
import { inParallel } from '../lib/parallel.ts'
import { waitUntil } from '../lib/wait.ts'
import type { OnStackEvent } from './events.ts'
import { type Apply, deletionsOf, isWrite, type Plan, rejectConflicts, type Write } from './plan.ts'
import { mayPass } from './refusal.ts'

/** The cluster that a plan is applied to. */
export interface ApplyDeps {
  readonly kube: Kube
  readonly signal: AbortSignal
  /** Milliseconds for which a write is retried that fails for a temporary reason; 0 for one attempt. */
  readonly patienceMs: number
  readonly onEvent?: OnStackEvent
  /** Called before each retry with the reason. */
  readonly onRetry?: (reason: string) => void
}

/** How many requests run at once. The API server's limit for one priority level is several times that. */
export const parallelism = 8

/**
 * Makes the plan's writes one after the other, and then its deletions. Returns the written objects in the order of the
 * plan, as the API server returned them. Does not wait until they are ready or gone: see `untilReady` and
 * `untilDeleted`.
 * Throws OBJECT_FOREIGN before the first write if the plan has a conflict, and KUBE_API.
 */
export async function applyPlan(plan: Plan, deps: ApplyDeps): Promise<KubeObject[]> {
  rejectConflicts(plan)
  const written: KubeObject[] = []
  for (const action of plan.actions.filter(isWrite)) written.push(await applyAction(action, deps))
  await prune(plan, deps)
  return written
}

/**
 * Makes one write. Returns the object as the API server returned it. Throws KUBE_API, and NOT_READY if an old object
 * does not go away.
 */
export async function applyAction(action: Write, deps: ApplyDeps): Promise<KubeObject> {
  const { kube, signal, patienceMs, onEvent } = deps
  if (action.do === 'patch') {
    const { ref, uid, patch, subresource } = action
    // With the UID the API server refuses the patch if another object has this name by now.
    return kube.patch(ref, { ...patch, metadata: { ...patch.metadata, uid } }, signal, subresource)
  }
  const { object } = action.wanted
  const ref = refOf(object)
  if (action.do === 'replace') await kube.delete(ref, { uid: action.uid, propagation: 'Foreground', signal })
  const old = action.do === 'replace' ? action.uid : action.do === 'create' ? action.after : undefined
  if (old !== undefined) await untilGone(ref, old, { kube, signal, timeoutMs: patienceMs })
  // Not forced for a new object: if another manager holds its fields, someone else has just created it.
  const applied = await patiently(deps, () => kube.apply(object, { force: action.do !== 'create', signal }))
  const completed = await complete(action, applied, deps)
  onEvent?.({ type: 'applied', action: action.do, ref })
  return completed
}

/**
 * Writes what devk must not own through server-side apply: the first number of replicas, which the autoscaler owns
 * later, and a status.
 */
async function complete(action: Apply, applied: KubeObject, { kube, signal }: ApplyDeps): Promise<KubeObject> {
  const { firstReplicas, status } = action.wanted
  if (firstReplicas !== undefined && action.do !== 'update') {
    return kube.patch(refOf(applied), { spec: { replicas: firstReplicas } }, signal)
  }
  return status === undefined ? applied : kube.patch(refOf(applied), { status }, signal, 'status')
}

/**
 * Makes the plan's deletions. An object that is gone, or whose UID is another by now, is left alone. Throws KUBE_API.
 */
export async function prune(plan: Plan, { kube, signal, onEvent }: ApplyDeps): Promise<void> {
  await inParallel(deletionsOf(plan), parallelism, async ({ ref, uid }) => {
    await kube.delete(ref, { uid, propagation: 'Background', signal })
    onEvent?.({ type: 'applied', action: 'delete', ref })
  })
}

/** What a wait for deletions needs. */
export interface DeletionWait {
  readonly kube: Kube
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Waits until every object that the plan deletes is gone. Throws NOT_READY with each one that stays, and why. */
export async function untilDeleted(plan: Plan, options: DeletionWait): Promise<void> {
  const deadline = performance.now() + options.timeoutMs
  let pending = deletionsOf(plan).map(({ ref, uid }) => ({ ref, uid, reason: '' }))
  while (pending.length > 0) {
    const seen = await inParallel(pending, parallelism, async ({ ref, uid }) => {
      const reason = await whyPresent(ref, uid, options)
      return reason === undefined ? [] : [{ ref, uid, reason }]
    })
    pending = seen.flat()
    if (pending.length > 0 && performance.now() >= deadline) throw stayed(pending, options.timeoutMs)
    if (pending.length > 0) await sleep(100, undefined, { signal: options.signal })
  }
}

function stayed(objects: readonly { ref: ObjectRef; reason: string }[], timeoutMs: number): DevkError {
  const [first = '', ...others] = objects.map(({ ref, reason }) => `${nameOf(ref)}: ${reason}`)
  const message = first.replace(': ', ` was not gone in ${Math.round(timeoutMs / 1000)} s: `)
  return new DevkError('NOT_READY', message, {
    details: others,
    hint:
      'The controller that a finalizer names removes it. If that controller no longer runs, remove the finalizer ' +
      'with kubectl edit, then run the command again.',
  })
}

/** Waits until the object with this UID is gone, whether or not another one has its name by then. Throws NOT_READY. */
export async function untilGone(ref: ObjectRef, uid: string, options: DeletionWait): Promise<void> {
  const { kube, timeoutMs, signal } = options
  const check = () => whyPresent(ref, uid, { kube, signal })
  await waitUntil(check, { what: nameOf(ref), timeoutMs, intervalMs: 100, signal })
}

/** Why the object with this UID still exists; undefined when it is gone. */
async function whyPresent(
  ref: ObjectRef,
  uid: string,
  { kube, signal }: Pick<DeletionWait, 'kube' | 'signal'>,
): Promise<string | undefined> {
  const existing = await kube.get(ref, signal)
  if (existing?.metadata.uid !== uid) return undefined
  const finalizers = (existing.metadata.finalizers as string[] | undefined) ?? []
  return finalizers.length === 0 ? 'is being deleted' : `its deletion waits for ${finalizers.join(', ')}`
}

async function patiently<T>({ patienceMs, signal, onRetry }: ApplyDeps, run: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs
  for (let pause = 100; ; pause = Math.min(pause * 2, 2000)) {
    try {
      return await run()
    } catch (error) {
      if (performance.now() + pause > deadline || !mayPass(error)) throw error
      onRetry?.((error as Error).message)
    }
    await sleep(pause, undefined, { signal })
  }
}
