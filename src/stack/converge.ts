import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, keyOf, type PodStreams, refOf } from '../kube/api.ts'
import { readiness } from '../kube/ready.ts'
import { inParallel } from '../lib/parallel.ts'
import { duration } from '../lib/text.ts'
import { type ApplyDeps, parallelism, validate, type Write, write } from './apply.ts'
import type { DesiredObject } from './desired/configured.ts'
import { stageOf, stages } from './desired/stages.ts'
import type { OnStackEvent } from './events.ts'
import type { Observed } from './observed.ts'
import { type Action, imagesOfWrites, isEmpty, type Plan, rejectConflicts } from './plan.ts'
import { type Tracker, track } from './ready/tracker.ts'

export interface ConvergeInput {
  readonly project: string
  readonly plan: Plan
  readonly observed: Observed
  /** Unit (service, external, job) to the units that must be ready before its workloads are applied. */
  readonly dependsOn: Readonly<Record<string, readonly string[]>>
}

export interface ConvergeDeps {
  readonly kube: Kube
  /** For the last log lines of what crashed; without it reasons do without them. */
  readonly streams?: Pick<PodStreams, 'logs'>
  /** Resolves when pods can be started from these images, and throws what keeps them away; without it they can at once. */
  readonly images?: (references: ReadonlySet<string>) => Promise<void>
  /** From when every image is there. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onEvent: OnStackEvent
}

/**
 * Carries a plan out and waits until everything in it is ready; a workload is applied once its own images are there. The inventory must
 * hold the plan's kinds already.
 * Throws OBJECT_FOREIGN before anything is changed; MANIFEST_INVALID before any workload is; NOT_READY at the deadline, with
 * each object that is not ready and why; COMMAND_FAILED for a Job that failed.
 */
export async function converge(input: ConvergeInput, deps: ConvergeDeps): Promise<void> {
  rejectConflicts(input.plan)
  const wanted = input.plan.actions.flatMap((action) => ('wanted' in action ? [action] : []))
  const there = new Map(input.observed.ours.map((object) => [keyOf(object), object]))
  const tracked = wanted.map((action) => action.wanted).filter(({ object }) => isTracked(object))
  if (isEmpty(input.plan) && tracked.every((entry) => isReady(entry, there))) return

  const ended = new AbortController()
  const deadline = timeoutAfter(arrivalOf(input.plan.actions, deps), deps.timeoutMs)
  const signal = AbortSignal.any([deps.signal, deadline, ended.signal])
  const tracker = track(input.project, tracked, {
    kube: deps.kube,
    streams: deps.streams,
    signal,
    onEvent: deps.onEvent,
  })
  for (const { wanted: entry } of wanted.filter((action) => !isWrite(action))) {
    const known = there.get(keyOf(entry.object))
    if (known !== undefined) tracker.applied(known)
  }
  const keys = tracked.map(({ object }) => keyOf(object))
  try {
    await carryOut({
      input,
      wanted,
      tracker,
      tracked,
      apply: { kube: deps.kube, signal, patienceMs: 60_000 },
      deps,
    })
    await tracker.untilReady(keys)
  } catch (error) {
    deps.signal.throwIfAborted()
    if (!deadline.aborted) throw error
    throw new DevkError('NOT_READY', `Not everything was ready within ${duration(deps.timeoutMs)}`, {
      details: tracker.missing(keys),
      hint: 'What is there keeps running: devk status tells how it goes on, devk logs what it says.',
      cause: error,
    })
  } finally {
    ended.abort()
  }
}

interface Work {
  readonly input: ConvergeInput
  readonly wanted: readonly (Action & { wanted: DesiredObject })[]
  readonly tracker: Tracker
  readonly tracked: readonly DesiredObject[]
  readonly apply: ApplyDeps
  readonly deps: ConvergeDeps
}

const early = new Set<string>(['namespaces', 'definitions'])

async function carryOut(work: Work): Promise<void> {
  const stageObjects = (stage: string) => work.wanted.filter(({ wanted }) => stageOf(wanted.object) === stage)
  for (const stage of stages.filter((name) => early.has(name))) await applyAll(stageObjects(stage), work)
  await work.tracker.untilReady(keysOf(stageObjects('definitions')))
  // Everything is checked before the first object of the application is changed, so that a typo leaves nothing half-applied.
  await validate(
    work.wanted.filter(isWrite).filter(({ wanted }) => !early.has(stageOf(wanted.object))),
    work.apply,
  )
  for (const stage of ['settings', 'services', 'volumes']) await applyAll(stageObjects(stage), work)
  // One failure ends the others' waiting: they may stand behind what will never come.
  await Promise.all([
    ...stageObjects('workloads')
      .filter(isWrite)
      .map((action) => applyWorkload(action, work)),
    applyAll(stageObjects('rest'), work),
  ])
  const surplus = work.input.plan.actions.filter((action) => action.do === 'delete')
  await inParallel(surplus, parallelism, async ({ ref, uid }) => {
    await work.deps.kube.delete(ref, { uid, propagation: 'Background', signal: work.apply.signal })
    work.deps.onEvent({ type: 'applied', action: 'delete', ref })
  })
}

/** Applies a workload once its images are there and what its unit depends on is ready. */
async function applyWorkload(action: Write, work: Work): Promise<void> {
  const { unit, object } = action.wanted
  const before = unit === undefined ? [] : (work.input.dependsOn[unit] ?? [])
  const keysFor = (units: readonly string[]) =>
    work.tracked.filter((entry) => units.includes(entry.unit ?? '')).map((entry) => keyOf(entry.object))
  let hasImages = false
  work.tracker.held(keyOf(object), () => {
    if (!hasImages) return 'waits for its image'
    const missing = before.filter((one) => work.tracker.missing(keysFor([one])).length > 0)
    return missing.length > 0 ? `waits for ${missing.join(', ')}` : undefined
  })
  await arrivalOf([action], work.deps)
  hasImages = true
  if (before.length > 0) await work.tracker.untilReady(keysFor(before))
  await applyAll([action], work)
}

function arrivalOf(actions: readonly Action[], { images }: ConvergeDeps): Promise<void> {
  const used = imagesOfWrites(actions)
  return images === undefined || used.size === 0 ? Promise.resolve() : images(used)
}

/** Aborts this long after a start, if that comes. */
function timeoutAfter(start: Promise<void>, ms: number): AbortSignal {
  const late = new AbortController()
  start.then(
    () => setTimeout(() => late.abort(), ms).unref(),
    () => {},
  )
  return late.signal
}

async function applyAll(actions: Work['wanted'], work: Work): Promise<void> {
  await inParallel(actions.filter(isWrite), parallelism, async (action) => {
    work.tracker.applied(await write(action, work.apply))
    work.deps.onEvent({ type: 'applied', action: action.do, ref: refOf(action.wanted.object) })
  })
}

function keysOf(actions: Work['wanted']): string[] {
  return actions.map(({ wanted }) => keyOf(wanted.object))
}

function isWrite(action: Action): action is Write {
  return action.do === 'create' || action.do === 'update' || action.do === 'replace'
}

function isReady({ object }: DesiredObject, there: ReadonlyMap<string, KubeObject>): boolean {
  const known = there.get(keyOf(object))
  return known !== undefined && readiness(known).ready
}

const atOnce = /^(v1|apps\/.*|batch\/.*|autoscaling\/.*|policy\/.*|[^/]*\.k8s\.io\/.*)$/
const slow =
  /^(Pod|Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|PersistentVolumeClaim|CustomResourceDefinition|APIService)$/

/** Whether an object becomes ready some time after it is applied. Kinds of other controllers may; Kubernetes' own are known. */
function isTracked({ apiVersion, kind }: KubeObject): boolean {
  return slow.test(kind) || !atOnce.test(apiVersion)
}
