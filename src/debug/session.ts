import type { Kube, KubeObject, PodRef, PodStreams } from '../kube/api.ts'
import type { Pod } from '../kube/pod.ts'
import { messageOf } from '../lib/text.ts'
import { applyPlan } from '../stack/apply.ts'
import { untilReady } from '../stack/ready/until-ready.ts'
import type { Debugger, Opened } from './debugger.ts'
import { feeder } from './feeder.ts'
import { isMarked, planHold, planRelease } from './hold.ts'
import type { Place, RunProgram } from './in-container.ts'

/** The service that is debugged, and what a session needs. */
export interface SessionDeps {
  readonly kube: Kube
  readonly streams: PodStreams
  readonly run: RunProgram
  readonly debug: Debugger
  /** Its workload as it is now. */
  readonly workload: (signal: AbortSignal) => Promise<KubeObject>
  /** All its pods. */
  readonly pods: (signal: AbortSignal) => Promise<Pod[]>
  /** Its newest ready pod. Throws NOT_READY. */
  readonly pod: (signal: AbortSignal) => Promise<Pod>
  readonly container: string
  readonly clock: () => number
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Called before a wait for new pods, with its reason. */
  readonly onWait: (reason: string) => void
}

/** A debugger that is open in a container. */
export interface Attached extends Opened {
  readonly place: Place
}

/** A debug session. */
export interface DebugSession {
  /**
   * Opens the debugger where it is not open: at the start, and after the program or its pod were replaced. Calls at the
   * same time share one attempt. Throws DEBUG_UNAVAILABLE, NOT_READY, OBJECT_FOREIGN and KUBE_API.
   */
  attach(): Promise<Attached>
  /**
   * Closes the debugger, which lets a stopped program go on, and takes the change of the workload back. Returns what
   * could not be done, in sentences.
   */
  end(signal: AbortSignal): Promise<string[]>
}

/** Makes a session. It changes nothing before `attach`. */
export function debugSession(deps: SessionDeps): DebugSession {
  const { kube, debug, container } = deps
  let attached: Attached | undefined
  let busy: Promise<Attached> | undefined
  const over = new AbortController()
  const fed = debug.feed === undefined ? undefined : feeder(deps, AbortSignal.any([deps.signal, over.signal]))

  /** A pod whose program is stopped is not ready, and stays the one. */
  const goesOn = async (pod: PodRef, signal: AbortSignal) => {
    const found = await kube.get({ apiVersion: 'v1', kind: 'Pod', ...pod }, signal)
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) return false
    const statuses = (found as Pod).status?.containerStatuses ?? []
    return statuses.some(({ name, state }) => name === container && state?.running !== undefined)
  }
  const hold = async (signal: AbortSignal) => {
    const workload = await deps.workload(signal)
    // `devk up` and a rebuild take the change back.
    if (isMarked(workload) && debug.isPrepared(workload, container)) return
    const needsPods = !debug.isPrepared(workload, container)
    if (needsPods) deps.onWait(`${workload.kind} ${workload.metadata.name} gets new pods, ${debug.why}`)
    const plan = planHold(workload, container, debug.prepare)
    const changed = await applyPlan(plan, { kube, signal, patienceMs: 0 })
    fed?.start()
    await untilReady(changed, { kube, timeoutMs: deps.timeoutMs, signal, clock: deps.clock })
  }
  const open = async (signal: AbortSignal): Promise<Attached> => {
    let place = attached?.place
    if (place === undefined || !(await goesOn(place.pod, signal))) {
      await hold(signal)
      const { name, namespace = 'default' } = (await deps.pod(signal)).metadata
      place = { pod: { name, namespace }, container }
    }
    attached = { ...(await debug.open(deps.run, place, signal)), place }
    return attached
  }
  return {
    attach() {
      busy ??= open(deps.signal).finally(() => {
        busy = undefined
      })
      return busy
    },
    async end(signal) {
      over.abort()
      const problems = [...(fed?.problems() ?? [])]
      const tried = async (work: () => Promise<unknown>, what: string) => {
        await work().catch((error: unknown) => problems.push(`${what}: ${messageOf(error)}`))
      }
      await busy?.catch(() => {})
      if (attached !== undefined && !attached.own && (await goesOn(attached.place.pod, signal).catch(() => false))) {
        const { place, port } = attached
        const connect = (either: AbortSignal) => deps.streams.connect(place.pod, port, either)
        await tried(() => debug.close(connect, signal), 'The debugger could not be closed')
      }
      await tried(async () => {
        const plan = planRelease(await deps.workload(signal))
        await applyPlan(plan, { kube, signal, patienceMs: 0 })
      }, 'The workload could not be changed back; devk up does that')
      return problems
    },
  }
}
