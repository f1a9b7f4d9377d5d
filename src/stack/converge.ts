import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, keyOf, type PodStreams } from '../kube/api.ts'
import { readiness } from '../kube/ready.ts'
import { labels } from '../lib/keys.ts'
import { inParallel } from '../lib/parallel.ts'
import { duration } from '../lib/text.ts'
import { type ApplyDeps, applyAction, parallelism } from './apply.ts'
import { type DeleteOptions, deleteObjects } from './deletion/delete.ts'
import { deletionsInOrder } from './deletion/deletions.ts'
import type { DesiredObject } from './desired/configured.ts'
import { type ApplyStage, stageOf, stages } from './desired/stages.ts'
import type { OnStackEvent } from './events.ts'
import { obstacle } from './exclusive.ts'
import type { Observed } from './observed.ts'
import {
  type Action,
  type Apply,
  deletionOf,
  imagesOfWrites,
  isApply,
  isEmpty,
  type Plan,
  rejectConflicts,
  rejectRefusals,
} from './plan.ts'
import { type Tracker, track } from './ready/tracker.ts'
import { refusalOf } from './refusal.ts'
import { validate } from './validate.ts'

/** A plan, and what it was made from. */
export interface ConvergeInput {
  readonly project: string
  readonly plan: Plan
  readonly observed: Observed
  /** From a unit (service, external, job) to the units that must be ready before its workloads are applied. */
  readonly dependsOn: Readonly<Record<string, readonly string[]>>
}

/** The cluster, and how to wait for the objects of a plan. */
export interface ConvergeDeps {
  readonly kube: Kube
  /** Reads the last log lines of crashed containers; without it, reasons do not contain them. */
  readonly streams?: Pick<PodStreams, 'logs'>
  /**
   * Resolves when pods can start from these images, and rejects if they never can. Without it, they can start at once.
   */
  readonly images?: (references: ReadonlySet<string>) => Promise<void>
  /** Milliseconds, counted from when every image is available. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly onEvent: OnStackEvent
  /** Called when everything is applied, before the wait for what is not ready. */
  readonly onApplied?: (() => void) | undefined
}

/**
 * Applies a plan and waits until all of its objects are ready. A workload is applied as soon as its own images are
 * available. The inventory must already contain the plan's kinds.
 * Throws OBJECT_FOREIGN before anything is changed; MANIFEST_INVALID before any workload is changed; NOT_READY at the
 * deadline, with the reason of each object that is not ready; COMMAND_FAILED for a Job that failed.
 */
export async function converge(input: ConvergeInput, deps: ConvergeDeps): Promise<void> {
  rejectConflicts(input.plan)
  rejectRefusals(input.plan)
  const wanted = input.plan.actions.filter(hasWanted)
  const existing = new Map(input.observed.ours.map((object) => [keyOf(object), object]))
  const tracked = wanted.map((action) => action.wanted).filter(({ object }) => isTracked(object))
  if (isEmpty(input.plan) && tracked.every((entry) => isReady(entry, existing))) return

  const ended = new AbortController()
  const deadline = timeoutAfter(arrivalOf(input.plan.actions, deps), deps.timeoutMs)
  const signal = AbortSignal.any([deps.signal, deadline, ended.signal])
  const { kube, streams, clock, onEvent } = deps
  const selector = { labels: `${labels.project}=${input.project}` }
  const tracker = track(tracked, { kube, streams, selector, signal, clock, onEvent })
  for (const { wanted: entry } of wanted.filter((action) => !isApply(action))) {
    const known = existing.get(keyOf(entry.object))
    if (known !== undefined) tracker.applied(known)
  }
  const keys = tracked.map(({ object }) => keyOf(object))
  try {
    const applying = { kube, signal, patienceMs: 60_000, onEvent }
    await applyInStages({ input, wanted, tracker, tracked, applying, deps })
    deps.onApplied?.()
    await tracker.untilReady(keys)
  } catch (error) {
    deps.signal.throwIfAborted()
    if (!deadline.aborted) throw error
    throw new DevkError('NOT_READY', `Not everything was ready within ${duration(deps.timeoutMs)}`, {
      details: tracker.missing(keys),
      hint: 'The applied objects keep running. devk status shows their state, devk logs their output.',
      cause: error,
    })
  } finally {
    ended.abort()
  }
  // Until the new pods are ready, those that still serve may use what is deleted.
  const { last } = deletionsInOrder(input.plan, input.observed)
  await deleteObjects(last, { ...deleting(input.project, deps), until: 'custom' })
}

/** A plan that is being applied. */
interface Convergence {
  readonly input: ConvergeInput
  readonly wanted: readonly WithWanted[]
  readonly tracker: Tracker
  readonly tracked: readonly DesiredObject[]
  readonly applying: ApplyDeps
  readonly deps: ConvergeDeps
}

type WithWanted = Extract<Action, { wanted: DesiredObject }>

const early = new Set<ApplyStage>(['namespaces', 'definitions'])

async function applyInStages(all: Convergence): Promise<void> {
  const { wanted, tracker, applying, input, deps } = all
  const actionsOf = (stage: ApplyStage) => wanted.filter((action) => stageOf(action.wanted.object) === stage)
  for (const stage of stages.filter((name) => early.has(name))) await applyAll(actionsOf(stage), all)
  await tracker.untilReady(actionsOf('definitions').map((action) => keyOf(action.wanted.object)))
  // All objects are checked before the first object of the application changes, so that a typo leaves nothing half
  // applied.
  await validate(
    wanted.filter(isApply).filter((action) => !early.has(stageOf(action.wanted.object))),
    input.observed,
    applying,
  )
  const { first } = deletionsInOrder(input.plan, input.observed)
  await deleteObjects(first, { ...deleting(input.project, deps), until: 'all' })
  await applyAll(actionsOf('settings'), all)
  await applyServices(actionsOf('services').filter(isApply), all)
  await applyAll(actionsOf('volumes'), all)
  // The first failure ends all of it: other workloads may wait for one that never becomes ready.
  await Promise.all([
    ...actionsOf('workloads')
      .filter(isApply)
      .map((action) => applyWorkload(action, all)),
    applyAll(actionsOf('rest'), all),
  ])
}

function deleting(project: string, { kube, signal, onEvent }: ConvergeDeps): Omit<DeleteOptions, 'until'> {
  return { project, kube, signal, onEvent, timeoutMs: 120_000 }
}

/** Applies a workload once its images are available and the units that it depends on are ready. */
async function applyWorkload(action: Apply, all: Convergence): Promise<void> {
  const { input, tracker, tracked, deps } = all
  const { unit, object } = action.wanted
  const before = unit === undefined ? [] : (input.dependsOn[unit] ?? [])
  const keysFor = (units: readonly string[]) =>
    tracked.filter((entry) => units.includes(entry.unit ?? '')).map((entry) => keyOf(entry.object))
  let hasImages = false
  tracker.held(keyOf(object), () => {
    if (!hasImages) return 'waits for its image'
    const missing = before.filter((one) => tracker.missing(keysFor([one])).length > 0)
    return missing.length > 0 ? `waits for ${missing.join(', ')}` : undefined
  })
  await arrivalOf([action], deps)
  hasImages = true
  if (before.length > 0) await tracker.untilReady(keysFor(before))
  await applyAll([action], all)
}

async function applyAll(actions: readonly WithWanted[], { applying, tracker }: Convergence): Promise<void> {
  await inParallel(actions.filter(isApply), parallelism, async (action) => {
    const applied = applyAction(action, applying).catch((error: unknown) => {
      throw refusalOf(action.wanted, error)
    })
    tracker.applied(await applied)
  })
}

/**
 * A Service that takes over a node port comes after the one that gives it up. If each waits for another one, the first
 * is deleted and created again.
 */
async function applyServices(actions: readonly Apply[], all: Convergence): Promise<void> {
  const { observed } = all.input
  const existing = new Map(observed.ours.map((object) => [keyOf(object), object]))
  let pending = actions
  while (pending.length > 0) {
    const blocks = (action: Apply) => {
      return pending.some(({ wanted }) => {
        const holder = existing.get(keyOf(wanted.object))
        return holder !== undefined && obstacle(holder, action.wanted.object) !== undefined
      })
    }
    const free = pending.filter((action) => !blocks(action))
    await applyAll(free, all)
    pending = pending.filter((action) => !free.includes(action))
    const [first] = pending
    if (free.length > 0 || first === undefined) continue
    const key = keyOf(first.wanted.object)
    const holder = existing.get(key)
    if (holder === undefined) return applyAll(pending, all)
    await deleteObjects({ actions: [deletionOf(holder)] }, { ...deleting(all.input.project, all.deps), until: 'all' })
    existing.delete(key)
    pending = pending.map((action) => (action === first ? { ...first, do: 'create', after: undefined } : action))
  }
}

function arrivalOf(actions: readonly Action[], { images }: ConvergeDeps): Promise<void> {
  const references = imagesOfWrites(actions)
  return images === undefined || references.size === 0 ? Promise.resolve() : images(references)
}

/** Aborts this number of milliseconds after `start` has resolved. */
function timeoutAfter(start: Promise<void>, ms: number): AbortSignal {
  const late = new AbortController()
  start.then(
    () => setTimeout(() => late.abort(), ms).unref(),
    () => {},
  )
  return late.signal
}

function hasWanted(action: Action): action is WithWanted {
  return 'wanted' in action
}

function isReady({ object }: DesiredObject, existing: ReadonlyMap<string, KubeObject>): boolean {
  const known = existing.get(keyOf(object))
  return known !== undefined && readiness(known).ready
}

const kubernetesApis = /^(v1|apps\/.*|batch\/.*|autoscaling\/.*|policy\/.*|[^/]*\.k8s\.io\/.*)$/
const kindsWithReadiness =
  /^(Pod|Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|PersistentVolumeClaim|CustomResourceDefinition|APIService)$/

/**
 * Whether an object may become ready only some time after it is applied. Of Kubernetes' own kinds this is known; all
 * others may.
 */
function isTracked({ apiVersion, kind }: KubeObject): boolean {
  return kindsWithReadiness.test(kind) || !kubernetesApis.test(apiVersion)
}
