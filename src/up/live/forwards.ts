import type { CliContext } from '../../context.ts'
import type { ForwardTarget } from '../../forward/connect.ts'
import { type Connect, type Forward, startForward, whyNoConnection } from '../../forward/forwarder.ts'
import { portOwners } from '../../host/port-owner.ts'
import type { PodTracker } from '../../loop/pods.ts'
import type { DesiredForward } from '../../stack/desired/desired.ts'
import type { PlannedForward } from '../presets/forwards.ts'

/** The forwards of a devk that stays. */
export interface LiveForwards {
  /** Listens on the local ports, until the signal. Throws PORT_TAKEN. */
  listen(planned: readonly PlannedForward[]): Promise<void>
  /** Connects once through each forward and reports those that reach nothing. */
  prove(planned: readonly PlannedForward[]): Promise<void>
  /** Resolves when every port is closed. */
  done(): Promise<unknown>
}

/** How forwards connect, and where they report problems. */
export interface LiveForwardsOptions {
  readonly connect: Connect<ForwardTarget>
  readonly report: (name: string, text: string) => void
  readonly signal: AbortSignal
}

/** Keeps the forwards that listen. */
export function liveForwards(ctx: CliContext, { connect, report, signal }: LiveForwardsOptions): LiveForwards {
  const open: Forward[] = []
  return {
    async listen(planned) {
      const started = planned.map(({ name, local, remote, target }) =>
        startForward({
          name,
          localPort: local,
          remotePort: remote,
          connect,
          signal,
          now: ctx.clock,
          portOwner: portOwners(ctx.runner, process.platform),
          target,
          onEvent: (event) => {
            if (event.type === 'failed') report(name, `forward: ${event.reason}`)
          },
        }),
      )
      open.push(...(await Promise.all(started)))
    },
    async prove(planned) {
      await Promise.all(
        planned.map(async ({ name, remote, target }) => {
          const problem = await whyNoConnection(target, remote, connect, signal)
          if (problem !== undefined) report(name, `forward: port ${remote} ${problem}`)
        }),
      )
    },
    done: () => Promise.all(open.map(({ done }) => done)),
  }
}

/** The forwards of services and externals: each leads to the newest ready pod. */
export function serviceForwards(
  forwards: readonly DesiredForward[],
  pods: Pick<PodTracker, 'newestReady'>,
  containerOf: (node: string) => string | undefined,
): PlannedForward[] {
  const targetOf = (service: string): ForwardTarget | undefined => {
    const pod = pods.newestReady(service)
    if (pod === undefined) return undefined
    const { podIP } = (pod.status ?? {}) as { podIP?: string }
    const nodeContainer = containerOf(pod.spec?.nodeName ?? '')
    return { namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name, ip: podIP, nodeContainer }
  }
  return forwards.map(({ name, local, remote }) => ({ name, local, remote, target: () => targetOf(name) }))
}
