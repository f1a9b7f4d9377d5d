import { DevkError } from '../../errors.ts'
import { type Kube, type KubeObject, keyOf } from '../../kube/api.ts'
import { withoutOrigin } from '../desired/configured.ts'
import type { StackEvent } from '../events.ts'
import { track } from './tracker.ts'

/** The cluster, and how long to wait. */
export interface ReadyOptions {
  readonly kube: Kube
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /**
   * Called with each new reason why one of the objects is not ready. `name` is for people: `Deployment todo/backend`.
   */
  readonly onReason?: (reason: string, name: string) => void
}

/**
 * Waits until objects are ready that were read or written a moment ago: their controllers have seen the last change,
 * and every pod has the new revision, runs its images and is ready.
 * Throws NOT_READY with the reasons at the deadline, and COMMAND_FAILED for an object that can never become ready.
 */
export async function untilReady(objects: readonly KubeObject[], options: ReadyOptions): Promise<void> {
  const byNamespace = Map.groupBy(objects, ({ metadata }) => metadata.namespace)
  await Promise.all([...byNamespace].map(([namespace, some]) => untilReadyIn(namespace, some, options)))
}

async function untilReadyIn(
  namespace: string | undefined,
  objects: readonly KubeObject[],
  { kube, timeoutMs, signal, clock, onReason }: ReadyOptions,
): Promise<void> {
  const ended = new AbortController()
  const deadline = AbortSignal.timeout(timeoutMs)
  const onEvent = (event: StackEvent) => {
    if (event.type === 'waiting') onReason?.(event.reason, event.name)
  }
  const tracker = track(objects.map(withoutOrigin), {
    kube,
    streams: undefined,
    selector: namespace === undefined ? {} : { namespace },
    signal: AbortSignal.any([signal, deadline, ended.signal]),
    clock,
    onEvent,
  })
  for (const object of objects) tracker.applied(object)
  const keys = objects.map(keyOf)
  try {
    await tracker.untilReady(keys)
  } catch (error) {
    signal.throwIfAborted()
    if (!deadline.aborted) throw error
    const [first = '', ...others] = tracker.missing(keys)
    const words = first.replace(': ', ` was not ready in ${Math.round(timeoutMs / 1000)} s: `)
    throw new DevkError('NOT_READY', words, { details: others, cause: error })
  } finally {
    ended.abort()
  }
}
