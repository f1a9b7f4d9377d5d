import { setTimeout as sleep } from 'node:timers/promises'
import { type Kube, keyOf, type PodStreams } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { inParallel } from '../../lib/parallel.ts'
import { type ApplyDeps, applyAction, parallelism } from '../apply.ts'
import { type DeleteOptions, deleteObjects } from '../deletion/delete.ts'
import type { DesiredObject } from '../desired/configured.ts'
import { type ApplyStage, stageOf } from '../desired/stages.ts'
import type { OnStackEvent } from '../events.ts'
import { obstacle } from '../exclusive.ts'
import type { HookRunner } from '../hooks/run.ts'
import type { Observed } from '../observed.ts'
import { type Action, type Apply, deletionOf, imagesOfWrites, isApply, type Plan } from '../plan.ts'
import type { Tracker } from '../ready/tracker.ts'
import { refusalOf } from '../refusal.ts'

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

/** A plan that is being applied. */
export interface Convergence {
  readonly input: ConvergeInput
  readonly wanted: readonly WithWanted[]
  readonly tracker: Tracker
  readonly tracked: readonly DesiredObject[]
  readonly applying: ApplyDeps
  readonly deps: ConvergeDeps
  readonly hooks: HookRunner
}

/** An action that wants an object. */
export type WithWanted = Extract<Action, { wanted: DesiredObject }>

/** Runs the hooks after a release. Some charts become ready only by them, so that they do not wait for that forever. */
export async function afterRelease(release: string, { tracker, tracked, hooks, applying }: Convergence): Promise<void> {
  const own = tracked.filter((entry) => entry.release?.name === release && entry.phases === undefined)
  const ready = tracker.untilReady(own.map(({ object }) => keyOf(object)))
  await Promise.race([ready, sleep(30_000, undefined, { signal: applying.signal })])
  await hooks.run(release, 'post')
}

/** Resolves when a hook can start. What is outside a release is there before the release, such as a database. */
export async function untilStartable({ wanted }: Apply, { input, tracker, tracked, deps }: Omit<Convergence, 'hooks'>) {
  await arrivalOf([{ do: 'update', wanted }], deps)
  const units = input.dependsOn[wanted.unit ?? ''] ?? []
  const before = tracked.filter(({ unit = '', object, release }) => {
    const isExternal = object.metadata.labels?.[labels.external] !== undefined
    return isExternal || (units.includes(unit) && release?.name !== wanted.release?.name)
  })
  await tracker.untilReady(before.map(({ object }) => keyOf(object)))
}

/** Applies what workloads use. */
export async function applySettings(actions: readonly WithWanted[], all: Convergence): Promise<void> {
  const { settings = [], services = [], volumes = [] } = Object.groupBy(actions, stageOfAction)
  await applyAll(settings, all)
  await applyServices(services.filter(isApply), all)
  await applyAll(volumes, all)
}

/** Applies workloads, each when it can start, and custom resources. */
export async function applyWorkloads(actions: readonly WithWanted[], all: Convergence): Promise<void> {
  const { workloads = [], rest = [] } = Object.groupBy(actions, stageOfAction)
  await Promise.all([
    ...workloads.filter(isApply).map((action) => applyWorkload(action, all)),
    ...rest.map((action) => applyRest(action, all)),
  ])
}

function stageOfAction({ wanted }: WithWanted): ApplyStage {
  return stageOf(wanted.object)
}

/** How this convergence deletes. */
export function deleting(project: string, { kube, signal, onEvent }: ConvergeDeps): Omit<DeleteOptions, 'until'> {
  return { project, kube, signal, onEvent, timeoutMs: 120_000 }
}

/**
 * A custom resource waits for the images that it names, and for its operator, whose webhook answers when the operator
 * is ready.
 */
async function applyRest(action: WithWanted, all: Convergence): Promise<void> {
  const { tracker, applying } = all
  let reason: string | undefined = action.wanted.images === undefined ? undefined : 'waits for its image'
  tracker.held(keyOf(action.wanted.object), () => reason)
  await arrivalOf([action], all.deps)
  reason = undefined
  const onRetry = (why: string) => {
    reason = why
  }
  await applyAll([action], { ...all, applying: { ...applying, patienceMs: Number.POSITIVE_INFINITY, onRetry } })
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

/** Applies objects at once. */
export async function applyAll(actions: readonly WithWanted[], { applying, tracker }: Convergence): Promise<void> {
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

/** Resolves when the images of these writes are available. */
export function arrivalOf(actions: readonly Action[], { images }: ConvergeDeps): Promise<void> {
  const references = imagesOfWrites(actions)
  return images === undefined || references.size === 0 ? Promise.resolve() : images(references)
}
