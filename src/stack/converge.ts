import { DevkError } from '../errors.ts'
import { type KubeObject, keyOf } from '../kube/api.ts'
import { readiness } from '../kube/ready.ts'
import { labels } from '../lib/keys.ts'
import { duration } from '../lib/text.ts'
import { untilServed } from './converging/served.ts'
import {
  afterRelease,
  applyAll,
  applySettings,
  applyWorkloads,
  arrivalOf,
  type ConvergeDeps,
  type ConvergeInput,
  type Convergence,
  deleting,
  untilStartable,
  type WithWanted,
} from './converging/steps.ts'
import { deleteObjects } from './deletion/delete.ts'
import { deletionsInOrder } from './deletion/deletions.ts'
import type { DesiredObject } from './desired/configured.ts'
import { type ApplyStage, stageOf, stages } from './desired/stages.ts'
import { isHook } from './hooks/due.ts'
import { hookRunner } from './hooks/run.ts'
import { type Action, isApply, isEmpty, rejectConflicts, rejectRefusals } from './plan.ts'
import { track } from './ready/tracker.ts'
import { validate } from './validate.ts'

export type { ConvergeDeps } from './converging/steps.ts'

/**
 * Applies a plan and waits until all of its objects are ready. A workload is applied as soon as its own images are
 * available. The inventory must already contain the plan's kinds.
 * Throws OBJECT_FOREIGN before anything is changed; MANIFEST_INVALID before any workload is changed; NOT_READY at the
 * deadline, with the reason of each object that is not ready; COMMAND_FAILED for a Job that failed.
 */
export async function converge(input: ConvergeInput, deps: ConvergeDeps): Promise<void> {
  rejectConflicts(input.plan)
  rejectRefusals(input.plan)
  const planned = input.plan.actions.filter(hasWanted)
  const wanted = planned.filter((action) => !isHook(action))
  const existing = new Map(input.observed.ours.map((object) => [keyOf(object), object]))
  const tracked = wanted.map((action) => action.wanted).filter(({ object }) => isTracked(object))
  if (isEmpty(input.plan) && tracked.every((entry) => isReady(entry, existing))) return

  const ended = new AbortController()
  const deadline = timeoutAfter(arrivalOf(input.plan.actions, deps), deps.timeoutMs)
  const signal = AbortSignal.any([deps.signal, deadline, ended.signal])
  const { kube, streams, clock, onEvent } = deps
  const selector = { labels: `${labels.project}=${input.project}` }
  const hooked = planned.filter(isHook).map((action) => action.wanted)
  const tracker = track([...tracked, ...hooked], { kube, streams, selector, signal, clock, onEvent })
  for (const { wanted: entry } of wanted.filter((action) => !isApply(action))) {
    const known = existing.get(keyOf(entry.object))
    if (known !== undefined) tracker.applied(known)
  }
  const keys = tracked.map(({ object }) => keyOf(object))
  const applying = { kube, signal, patienceMs: 60_000, onEvent }
  const base = { input, wanted, tracker, tracked, applying, deps }
  const hooks = hookRunner(input.plan, { applying, tracker, ready: (hook) => untilStartable(hook, base) })
  const all = { ...base, hooks }
  try {
    await applyInStages(all)
    deps.onApplied?.()
    await Promise.all([
      tracker.untilReady(keys),
      ...[...hooks.releases('post')].map((release) => afterRelease(release, all)),
    ])
  } catch (error) {
    deps.signal.throwIfAborted()
    // What waits for the API server itself is no object that is not ready, and says more.
    if (!deadline.aborted || (error instanceof DevkError && error.code === 'NOT_READY')) throw error
    throw new DevkError('NOT_READY', `Not everything was ready within ${duration(deps.timeoutMs)}`, {
      details: tracker.missing([...hooked.map(({ object }) => keyOf(object)), ...keys]),
      hint: 'The applied objects keep running. devk status shows their state, devk logs their output.',
      cause: error,
    })
  } finally {
    ended.abort()
    if (!deps.signal.aborted) await hooks.cleanUp(deps.signal)
  }
  // Until the new pods are ready, those that still serve may use what is deleted.
  const { last } = deletionsInOrder(input.plan, input.observed)
  await deleteObjects(last, { ...deleting(input.project, deps), until: 'custom' })
}

const early = new Set<ApplyStage>(['namespaces', 'definitions'])

async function applyInStages(all: Convergence): Promise<void> {
  const { wanted, tracker, applying, input, deps } = all
  const actionsOf = (stage: ApplyStage) => wanted.filter((action) => stageOf(action.wanted.object) === stage)
  for (const stage of stages.filter((name) => early.has(name))) await applyAll(actionsOf(stage), all)
  const definitions = actionsOf('definitions').map((action) => action.wanted.object)
  await tracker.untilReady(definitions.map(keyOf))
  const objects = wanted.map((action) => action.wanted.object)
  await untilServed(objects, definitions, applying)
  // All objects are checked before the first object of the application changes, so that a typo leaves nothing half
  // applied.
  await validate(
    input.plan.actions.filter(isApply).filter((action) => !early.has(stageOf(action.wanted.object))),
    input.observed,
    applying,
  )
  const { first } = deletionsInOrder(input.plan, input.observed)
  await deleteObjects(first, { ...deleting(input.project, deps), until: 'all' })
  const releases = [...all.hooks.releases('pre')]
  const others = wanted.filter(({ wanted: { release } }) => !releases.includes(release?.name ?? ''))
  await applySettings(others, all)
  // The first failure ends all of it: other workloads may wait for one that never becomes ready.
  await Promise.all([
    applyWorkloads(others, all),
    ...releases.map(async (release) => {
      await all.hooks.run(release, 'pre')
      const own = wanted.filter((action) => action.wanted.release?.name === release)
      await applySettings(own, all)
      await applyWorkloads(own, all)
    }),
  ])
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
