import type { ContainerStatus, Pod } from '../kube/pod.ts'

/** How long a container that crashed has to run again before it is believed. */
const trialMs = 5000
/** A container that has run for this long, by the clock of its node, needs no trial; clocks may differ. */
const settledMs = 60_000

/** Doubts in pods that are ready only because a container that crashes has just been started again. */
export interface Relapses {
  /** The pod as it would be told with the doubted containers not ready; undefined when nothing is doubtful. */
  doubted(pod: Pod): Pod | undefined
}

/**
 * Without a readiness probe a container counts as ready from its start, so a workload that crashes again and again seems ready for a
 * moment at each start. `clock` gives milliseconds since the epoch; `onTrialEnd` is called when a doubt may be over.
 */
export function relapses(clock: () => number, onTrialEnd: () => void): Relapses {
  const firstSeen = new Map<string, number>()
  const inTrial = (pod: Pod, status: ContainerStatus): boolean => {
    if (!mayRelapse(pod, status, clock())) return false
    const run = `${pod.metadata.uid}/${status.name}/${status.restartCount}`
    const since = firstSeen.get(run)
    if (since !== undefined) return clock() - since < trialMs
    firstSeen.set(run, clock())
    setTimeout(onTrialEnd, trialMs).unref()
    return true
  }
  return {
    doubted(pod) {
      const statuses = pod.status?.containerStatuses ?? []
      const shaky = new Set(statuses.filter((status) => inTrial(pod, status)))
      if (shaky.size === 0) return undefined
      const told = statuses.map((status) => (shaky.has(status) ? { ...status, ready: false } : status))
      return { ...pod, status: { ...pod.status, containerStatuses: told } }
    },
  }
}

function mayRelapse(pod: Pod, { name, state, lastState, restartCount = 0 }: ContainerStatus, now: number): boolean {
  const { startedAt } = state?.running ?? {}
  const crashed = restartCount > 0 && (lastState?.terminated?.exitCode ?? 0) !== 0
  if (startedAt === undefined || !crashed || now - Date.parse(startedAt) > settledMs) return false
  return pod.spec?.containers?.find((container) => container.name === name)?.readinessProbe === undefined
}
