import type { CliContext } from '../../context.ts'
import type { ForwardTarget } from '../../forward/connect.ts'
import { type Connect, type Forward, startForward, whyNoConnection } from '../../forward/forwarder.ts'
import { portOwners } from '../../host/port-owner.ts'
import { messageOf } from '../../lib/text.ts'
import type { PodTracker } from '../../loop/pods.ts'
import type { DesiredForward } from '../../stack/desired/desired.ts'
import type { PlannedForward } from '../presets/forwards.ts'

/** The forwards of a devk that stays. */
export interface LiveForwards {
  /** Listens on the local ports, until the signal. Throws PORT_TAKEN. */
  listen(planned: readonly PlannedForward[]): Promise<void>
  /**
   * Closes the forwards that are not planned any more, then listens on the new ones. Reports both, and each port that
   * it cannot listen on. Never rejects.
   */
  change(planned: readonly PlannedForward[]): Promise<void>
  /** Connects once through each forward that has not been tried yet, and reports those that reach nothing. */
  prove(): Promise<void>
  /** Resolves when every port is closed. */
  done(): Promise<unknown>
}

/** How forwards connect, and where they report problems. */
export interface LiveForwardsOptions {
  readonly connect: Connect<ForwardTarget>
  readonly report: (name: string, text: string) => void
  readonly signal: AbortSignal
}

interface OpenForward {
  readonly planned: PlannedForward
  readonly forward: Forward
  readonly stop: AbortController
  proven: boolean
}

/** Keeps the forwards that listen. */
export function liveForwards(ctx: CliContext, { connect, report, signal }: LiveForwardsOptions): LiveForwards {
  const open = new Map<string, OpenForward>()
  let changing: Promise<void> = Promise.resolve()

  const start = async (planned: PlannedForward) => {
    const { name, local, remote, target, guard } = planned
    const stop = new AbortController()
    const forward = await startForward({
      name,
      localPort: local,
      remotePort: remote,
      connect,
      guard,
      signal: AbortSignal.any([signal, stop.signal]),
      now: ctx.clock,
      portOwner: portOwners(ctx.runner, process.platform),
      target,
      onEvent: (event) => {
        if (event.type === 'failed') report(name, `forward: ${event.reason}`)
      },
    })
    open.set(keyOf(planned), { planned, forward, stop, proven: false })
  }
  const close = async ({ planned, forward, stop }: OpenForward) => {
    open.delete(keyOf(planned))
    stop.abort()
    await forward.done
    report(planned.name, `forward: localhost:${planned.local} is closed`)
  }
  const startLater = async (planned: PlannedForward) => {
    try {
      await start(planned)
      report(planned.name, `forward: localhost:${planned.local} is open`)
    } catch (error) {
      report(planned.name, `forward: ${messageOf(error)}`)
    }
  }

  return {
    async listen(planned) {
      await Promise.all(planned.map(start))
    },
    change(planned) {
      changing = changing.then(async () => {
        const wanted = new Set(planned.map(keyOf))
        // One service may take over the port of another one.
        await Promise.all([...open].flatMap(([key, each]) => (wanted.has(key) ? [] : [close(each)])))
        if (!signal.aborted) await Promise.all(planned.filter((each) => !open.has(keyOf(each))).map(startLater))
      })
      return changing
    },
    async prove() {
      const untried = [...open.values()].filter(({ proven }) => !proven)
      for (const each of untried) each.proven = true
      await Promise.all(
        untried.map(async ({ planned: { name, remote, target } }) => {
          const problem = await whyNoConnection(target, remote, connect, signal)
          if (problem !== undefined) report(name, `forward: port ${remote} ${problem}`)
        }),
      )
    },
    done: () => Promise.all([...open.values()].map(({ forward }) => forward.done)),
  }
}

function keyOf({ name, local, remote, guard }: PlannedForward): string {
  return [name, local, remote, ...guard.hosts].join(' ')
}

/** The pods that forwards lead to, and the containers of their nodes on the local engine. */
interface ForwardPods {
  readonly pods: Pick<PodTracker, 'newestReady'>
  readonly containerOf: (node: string) => string | undefined
}

/**
 * The forwards of services and externals: each leads to the newest ready pod. Requests may also name `hosts`. The
 * origin is not checked, since a service decides itself which pages may use it.
 */
export function serviceForwards(
  forwards: readonly DesiredForward[],
  hosts: readonly string[],
  { pods, containerOf }: ForwardPods,
): PlannedForward[] {
  const targetOf = (service: string): ForwardTarget | undefined => {
    const pod = pods.newestReady(service)
    if (pod === undefined) return undefined
    const { podIP } = (pod.status ?? {}) as { podIP?: string }
    const nodeContainer = containerOf(pod.spec?.nodeName ?? '')
    return { namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name, ip: podIP, nodeContainer }
  }
  const guard = { hosts, checksOrigin: false }
  return forwards.map(({ name, local, remote }) => ({ name, local, remote, guard, target: () => targetOf(name) }))
}
