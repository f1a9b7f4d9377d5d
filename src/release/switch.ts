import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, nameOf, type PodStreams } from '../kube/api.ts'
import { appliedByDevk } from '../kube/managed.ts'
import type { Pod } from '../kube/pod.ts'
import { waitUntil } from '../lib/wait.ts'
import { podsOf } from '../stack/ready/assess.ts'
import { untilRolledOut } from '../stack/ready/rollout.ts'
import { switchedOf, withColour } from '../stack/switched.ts'
import { type Choice, requireColour } from './colours.ts'
import { podTrouble, type Watched } from './pod-health.ts'

export interface SwitchDeps {
  readonly kube: Kube
  readonly streams: Pick<PodStreams, 'connect'>
  readonly signal: AbortSignal
  /** How long the new colour may take to become ready before anything is switched. */
  readonly timeoutMs: number
  /** How long the new colour is watched under traffic. */
  readonly watchMs: number
  /** Asked of each pod instead of its readiness probe. */
  readonly path: string | undefined
  readonly say: (line: string) => void
}

/**
 * Proves the colour, lets the Service choose it, proves that the Service's endpoints are its pods, and watches them. A colour that
 * turns out not to be healthy is left again. Throws USAGE for an unknown colour, NOT_READY before anything is changed,
 * COMMAND_FAILED after the way back.
 */
export async function switchColour(choice: Choice, colour: string, deps: SwitchDeps): Promise<{ changed: boolean }> {
  const { service, key, current } = choice
  const workloads = requireColour(choice, colour)
  const applied = appliedByDevk(service)
  if (applied === undefined) {
    throw new DevkError('OBJECT_FOREIGN', `${nameOf(service)} was not deployed by devk`, {
      hint: 'kubectl patch changes its selector; devk leaves it alone.',
    })
  }
  const watched = await proven(workloads, service, colour, deps)
  if (colour === current) return { changed: false }
  const manifest = switchedOf(service)?.manifest ?? current
  const uid = service.metadata.uid ?? ''
  const write = (object: KubeObject) =>
    deps.kube.apply({ ...object, metadata: { ...object.metadata, uid } }, { force: true, signal: deps.signal })
  await write(withColour(applied, key, manifest, colour))
  deps.say(`${service.metadata.name} chooses ${key}: ${colour}`)
  const trouble = await untilServed(service, watched, deps).then(
    () => firstTrouble(watched, deps),
    (error: unknown) => {
      deps.signal.throwIfAborted()
      return error instanceof Error ? error.message : String(error)
    },
  )
  if (trouble === undefined) return { changed: true }
  await write(withColour(applied, key, manifest, current))
  const back = { ...watched, workloads: choice.colours.get(current) ?? [] }
  await untilServed(service, back, deps)
  throw new DevkError(
    'COMMAND_FAILED',
    `${colour} was not healthy; ${service.metadata.name} chooses ${current} again`,
    {
      details: [trouble],
      hint: `devk logs shows what ${colour} said. When it is mended: devk switch ${service.metadata.name} ${colour}`,
    },
  )
}

/** The colour's pods, each ready, of the right image and answering. */
async function proven(
  workloads: readonly KubeObject[],
  service: KubeObject,
  colour: string,
  deps: SwitchDeps,
): Promise<Watched> {
  const { kube, timeoutMs, signal } = deps
  const [port] = (service.spec as { ports?: { port: number; targetPort?: number | string }[] }).ports ?? []
  const watched: Watched = { workloads, port: port?.targetPort ?? port?.port, path: deps.path }
  try {
    const empty = workloads.find(({ spec }) => (spec as { replicas?: number }).replicas === 0)
    if (empty !== undefined) throw new DevkError('NOT_READY', `${nameOf(empty)} is scaled to 0 pods`)
    for (const workload of workloads) await untilRolledOut(kube, workload, { timeoutMs, signal, onReason: deps.say })
    const trouble = await podTrouble(watched, deps)
    if (trouble !== undefined) throw new DevkError('NOT_READY', trouble)
  } catch (cause) {
    if (!(cause instanceof DevkError) || cause.code !== 'NOT_READY') throw cause
    throw new DevkError('NOT_READY', `${colour} cannot take over`, {
      details: [cause.message, 'Nothing was changed.'],
      hint: 'devk status and devk logs tell more.',
      cause,
    })
  }
  return watched
}

/** Waits until the endpoints of the Service are pods of these workloads, and no others. */
function untilServed(service: KubeObject, { workloads }: Watched, { kube, signal }: SwitchDeps): Promise<void> {
  const { name, namespace = 'default' } = service.metadata
  const check = async () => {
    const [slices, pods] = await Promise.all([
      kube.list(
        { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
        { namespace, labels: `kubernetes.io/service-name=${name}`, signal },
      ),
      kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, signal }),
    ])
    const own = new Set(workloads.flatMap((each) => podsOf(each, pods as Pod[])).map(({ metadata }) => metadata.name))
    const served = slices.flatMap((slice) => (slice.endpoints as Endpoint[] | null) ?? []).filter(isReady)
    const others = served.filter(({ targetRef }) => !own.has(targetRef?.name ?? ''))
    if (served.length === 0) return 'it has no endpoint'
    return others.length === 0 ? undefined : `${others.length} of its endpoints are still of the other colour`
  }
  return waitUntil(check, { what: `Service ${name}`, timeoutMs: 30_000, intervalMs: 100, signal })
}

interface Endpoint {
  readonly conditions?: { readonly ready?: boolean }
  readonly targetRef?: { readonly name?: string }
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false
}

/** Looks twice a second; two looks in a row that find something amount to trouble, as one may meet a hiccup. */
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
