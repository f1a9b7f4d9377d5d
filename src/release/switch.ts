import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, nameOf, type PodStreams } from '../kube/api.ts'
import { servedPods } from '../kube/endpoints.ts'
import { appliedByDevk } from '../kube/managed.ts'
import type { Pod } from '../kube/pod.ts'
import { messageOf } from '../lib/text.ts'
import { waitUntil } from '../lib/wait.ts'
import { applyPlan } from '../stack/apply.ts'
import { type Plan, updateOf } from '../stack/plan.ts'
import { podsOf } from '../stack/ready/assess.ts'
import { untilReady } from '../stack/ready/until-ready.ts'
import { switchedOf, withColour } from '../stack/switched.ts'
import { type Choice, requireColour } from './colours.ts'
import { podTrouble, type Watched } from './pod-health.ts'

/** The cluster, and how the new colour is checked. */
export interface SwitchDeps {
  readonly kube: Kube
  readonly streams: Pick<PodStreams, 'connect'>
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Milliseconds that the new colour may take to become ready, before anything is switched. */
  readonly timeoutMs: number
  /** Milliseconds for which the new colour is watched after the switch. */
  readonly watchMs: number
  /** HTTP path to request from each pod, in place of its own probe. */
  readonly path: string | undefined
  /** Called with each line of progress. */
  readonly say: (line: string) => void
}

/**
 * Switches a Service to another colour: waits until the colour's pods are ready and answer, changes the selector, waits
 * until the Service's endpoints are these pods, and watches them. If they turn out to be unhealthy, the Service is
 * switched back.
 * Throws USAGE for an unknown colour, OBJECT_FOREIGN for a Service that devk did not apply, NOT_READY before anything
 * is changed, and COMMAND_FAILED after switching back.
 */
export async function switchColour(choice: Choice, colour: string, deps: SwitchDeps): Promise<{ changed: boolean }> {
  const { service, key, current } = choice
  const { kube, signal, say } = deps
  const workloads = requireColour(choice, colour)
  const planTo = switchPlans(choice)
  const watched = await requireHealthy(workloads, service, colour, deps)
  if (colour === current) return { changed: false }
  const applying = { kube, signal, patienceMs: 0 }
  await applyPlan(planTo(colour), applying)
  say(`${service.metadata.name} selects ${key}: ${colour}`)
  const trouble = await untilServed(service, watched, deps).then(
    () => firstTrouble(watched, deps),
    (error: unknown) => {
      signal.throwIfAborted()
      return messageOf(error)
    },
  )
  if (trouble === undefined) return { changed: true }
  await applyPlan(planTo(current), applying)
  await untilServed(service, { workloads: choice.colours.get(current) ?? [] }, deps)
  const { name } = service.metadata
  throw new DevkError('COMMAND_FAILED', `${colour} is not healthy, so ${name} selects ${current} again`, {
    details: [trouble],
    hint: `Run devk logs to see the output of ${colour}. After you have fixed it, run devk switch ${name} ${colour}.`,
  })
}

/** The plans that switch the Service to a colour. Throws OBJECT_FOREIGN for a Service that devk did not apply. */
function switchPlans({ service, key, current }: Choice): (colour: string) => Plan {
  const applied = appliedByDevk(service)
  if (applied === undefined) {
    throw new DevkError('OBJECT_FOREIGN', `${nameOf(service)} was not deployed by devk`, {
      hint: 'Use kubectl patch to change its selector. devk changes only what it has deployed itself.',
    })
  }
  const manifest = switchedOf(service)?.manifest ?? current
  return (to) => ({ actions: [updateOf(withColour(applied, { key, manifest, to }), service.metadata.uid)] })
}

/** Waits until the colour's pods are ready, run the right image and answer. Throws NOT_READY. */
async function requireHealthy(
  workloads: readonly KubeObject[],
  service: KubeObject,
  colour: string,
  deps: SwitchDeps,
): Promise<Watched> {
  const [port] = (service.spec as { ports?: { port: number; targetPort?: number | string }[] }).ports ?? []
  const watched: Watched = { workloads, port: port?.targetPort ?? port?.port, path: deps.path }
  try {
    const empty = workloads.find(({ spec }) => (spec as { replicas?: number }).replicas === 0)
    if (empty !== undefined) throw new DevkError('NOT_READY', `${nameOf(empty)} is scaled to 0 pods`)
    await untilReady(workloads, { ...deps, onReason: deps.say })
    const trouble = await podTrouble(watched, deps)
    if (trouble !== undefined) throw new DevkError('NOT_READY', trouble)
  } catch (cause) {
    if (!(cause instanceof DevkError) || cause.code !== 'NOT_READY') throw cause
    throw new DevkError('NOT_READY', `${colour} cannot take over`, {
      details: [cause.message, 'Nothing was changed.'],
      hint: 'Run devk status and devk logs for more information.',
      cause,
    })
  }
  return watched
}

/** Waits until the endpoints of the Service are pods of these workloads, and no others. Throws NOT_READY. */
function untilServed(
  service: KubeObject,
  { workloads }: Pick<Watched, 'workloads'>,
  { kube, signal }: SwitchDeps,
): Promise<void> {
  const { name, namespace = 'default' } = service.metadata
  const check = async () => {
    const [served, pods] = await Promise.all([
      servedPods(kube, { name, namespace }, signal),
      kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, signal }),
    ])
    const own = new Set(workloads.flatMap((each) => podsOf(each, pods as Pod[])).map(({ metadata }) => metadata.name))
    const others = served.filter((pod) => !own.has(pod ?? ''))
    if (served.length === 0) return 'it has no endpoint'
    return others.length === 0 ? undefined : `${others.length} of its endpoints are still of the other colour`
  }
  return waitUntil(check, { what: `Service ${name}`, timeoutMs: 30_000, intervalMs: 100, signal })
}

/**
 * Checks the pods twice a second. Only two failed checks in a row count, because a single request may fail by chance.
 */
async function firstTrouble(watched: Watched, deps: SwitchDeps): Promise<string | undefined> {
  const end = performance.now() + deps.watchMs
  for (let last: string | undefined; performance.now() < end; ) {
    await sleep(500, undefined, { signal: deps.signal })
    const trouble = await podTrouble(watched, deps)
    if (trouble !== undefined && last !== undefined) return trouble
    last = trouble
  }
  return undefined
}
