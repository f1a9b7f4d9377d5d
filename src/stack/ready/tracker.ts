import { DevkError } from '../../errors.ts'
import {
  groupKindOf,
  type KindRef,
  type Kube,
  type KubeObject,
  keyOf,
  type ListOptions,
  nameOf,
  type PodStreams,
  type WatchEvent,
} from '../../kube/api.ts'
import type { KubeEvent, Pod } from '../../kube/pod.ts'
import type { Readiness } from '../../kube/ready.ts'
import type { DesiredObject } from '../desired/configured.ts'
import type { OnStackEvent } from '../events.ts'
import { assess, logKey, podsOf } from './assess.ts'
import { endedRuns, lastLines } from './last-lines.ts'
import { trials } from './trial.ts'

/** The cluster, and who is informed. */
export interface TrackerDeps {
  readonly kube: Kube
  readonly streams: Pick<PodStreams, 'logs'> | undefined
  /** Where to watch the objects and their pods: by the project's label, or in one namespace. */
  readonly selector: { readonly labels?: string; readonly namespace?: string }
  /** Ends the watches. */
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly onEvent: OnStackEvent
}

/** Watches objects until they are ready. */
export interface Tracker {
  /**
   * Takes an object as the server returned it. An older state that a watch still delivers does not count from then on.
   */
  applied(object: KubeObject): void
  /** Sets the reason that is shown for an object until it is applied. */
  held(key: string, reason: () => string | undefined): void
  /** Resolves when all these objects (by `keyOf`) are ready. Throws COMMAND_FAILED if one can never become ready. */
  untilReady(keys: readonly string[]): Promise<void>
  /** Those of these objects that are not ready, each with its reason: `Deployment todo/backend: 0/1 pods ready`. */
  missing(keys: readonly string[]): string[]
}

/** Starts one watch for each kind of `objects`, one for pods, and one for warnings. */
export function track(objects: readonly DesiredObject[], deps: TrackerDeps): Tracker {
  const state = new Map<string, KubeObject>()
  const pods = new Map<string, Pod>()
  const events = new Map<string, KubeEvent>()
  const logs = new Map<string, readonly string[]>()
  const requestedLogs = new Set<string>()
  const expected = new Map<string, KubeObject>()
  const holds = new Map<string, () => string | undefined>()
  const shown = new Map<string, string>()
  const waiters = new Set<() => void>()
  // A pod counts as ready while it runs. As a hook it must end.
  const isHookPod = ({ object, phases }: DesiredObject) => phases !== undefined && object.kind === 'Pod'
  const ending = new Set(objects.filter(isHookPod).map(({ object }) => keyOf(object)))
  let scheduled = false
  let podsListed = false

  const changed = () => {
    if (scheduled) return
    scheduled = true
    // A watch delivers dozens of events when a workload starts; they are assessed together.
    setTimeout(() => {
      scheduled = false
      // Nothing is reported after the end, and nothing before the pods are known.
      if (!deps.signal.aborted && podsListed) look()
    }, 20)
  }
  const startTrials = trials(deps.clock, changed)
  const look = () => {
    for (const { object, unit } of objects) {
      const key = keyOf(object)
      const result = assessOne(key)
      const reason = result.ready ? '' : result.reason
      if (shown.get(key) === reason) continue
      shown.set(key, reason)
      const name = nameOf(object)
      deps.onEvent(result.ready ? { type: 'ready', name, unit } : { type: 'waiting', name, unit, reason })
    }
    for (const wake of [...waiters]) wake()
  }
  const assessOne = (key: string): Readiness => {
    const wanted = expected.get(key)
    if (wanted === undefined) return { ready: false, reason: holds.get(key)?.() ?? 'not applied yet' }
    // A controller's status may be ahead of its pods: without them a workload could seem ready too early.
    if (!podsListed) return { ready: false, reason: 'its pods are not known yet' }
    const current = newest(state.get(key), wanted)
    const evidence = { pods: [...pods.values()], events: [...events.values()], logs, trials: startTrials }
    const result = assess(current, evidence)
    if (result.ready && ending.has(key) && (current as Pod).status?.phase !== 'Succeeded')
      return { ready: false, reason: 'has not ended yet' }
    if (!result.ready) fetchLogs(podsOf(current, evidence.pods))
    return result
  }
  const fetchLogs = (some: readonly Pod[]) => {
    for (const pod of some) {
      for (const run of endedRuns(pod)) {
        const id = `${logKey(pod, run.container)} ${run.run}`
        if (deps.streams === undefined || requestedLogs.has(id)) continue
        requestedLogs.add(id)
        void lastLines(deps.streams, pod, run, deps.signal).then((lines) => {
          logs.set(logKey(pod, run.container), lines)
          changed()
        })
      }
    }
  }
  const follow = (kind: KindRef, selector: Omit<ListOptions, 'signal'>, into: Map<string, KubeObject>) => {
    const onEvent = (event: WatchEvent) => {
      keep(into, event, kind)
      podsListed ||= into === pods && event.type === 'SYNCED'
      changed()
    }
    void deps.kube.watch(kind, { ...selector, signal: deps.signal }, onEvent)
  }

  const { labels: _, ...place } = deps.selector
  for (const kind of watchedKinds(objects)) follow(kind, deps.selector, state)
  follow({ apiVersion: 'v1', kind: 'Pod' }, deps.selector, pods as Map<string, KubeObject>)
  follow({ apiVersion: 'v1', kind: 'Event' }, { ...place, fields: 'type=Warning' }, events as Map<string, KubeObject>)

  return {
    applied(object) {
      expected.set(keyOf(object), object)
      changed()
    },
    held(key, reason) {
      holds.set(key, reason)
      changed()
    },
    missing: (keys) =>
      objects.flatMap(({ object }) => {
        const result = keys.includes(keyOf(object)) ? assessOne(keyOf(object)) : undefined
        return result === undefined || result.ready ? [] : [`${nameOf(object)}: ${result.reason}`]
      }),
    untilReady: (keys) =>
      new Promise((resolve, reject) => {
        const end = () => {
          waiters.delete(check)
          deps.signal.removeEventListener('abort', check)
        }
        const check = () => {
          if (deps.signal.aborted) return reject(end() ?? deps.signal.reason)
          const results = keys.map((key) => ({ key, result: assessOne(key) }))
          const lost = results.find(({ result }) => !result.ready && result.failed)
          if (lost && !lost.result.ready) return reject(end() ?? failure(lost.key, lost.result.reason))
          if (results.every(({ result }) => result.ready)) resolve(end())
        }
        waiters.add(check)
        deps.signal.addEventListener('abort', check)
        check()
      }),
  }
}

function failure(key: string, reason: string): DevkError {
  return new DevkError('COMMAND_FAILED', `${key.slice(key.indexOf('/') + 1)} ${reason}`)
}

/** The watched state, unless it is older than the applied object. */
function newest(watched: KubeObject | undefined, applied: KubeObject): KubeObject {
  if (watched === undefined || watched.metadata.uid !== applied.metadata.uid) return applied
  const [seen = 0, written = 0] = [watched.metadata.generation, applied.metadata.generation]
  return seen < written ? applied : watched
}

function watchedKinds(objects: readonly DesiredObject[]): KindRef[] {
  return [...new Map(objects.map(({ object }) => [groupKindOf(object), refKind(object)])).values()]
}

function refKind({ apiVersion, kind }: KubeObject): KindRef {
  return { apiVersion, kind }
}

function keep(into: Map<string, KubeObject>, event: WatchEvent, kind: KindRef): void {
  if (event.type === 'DELETED') into.delete(keyOf(event.object))
  else if (event.type !== 'SYNCED') into.set(keyOf(event.object), event.object)
  else {
    const same = groupKindOf(kind)
    for (const [key, object] of into) if (groupKindOf(object) === same) into.delete(key)
    for (const object of event.objects) into.set(keyOf(object), object)
  }
}
