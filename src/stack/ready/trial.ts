import type { ContainerStatus, Pod } from '../../kube/pod.ts'

/** How long a container has to run before it is believed: what dies of a mistake in its code or settings does so within this time. */
const firstTrialMs = 2000
/** The same after a crash, which tends to come again. */
const nextTrialMs = 5000
/** A container that has run for this long, by the clock of its node, needs no trial; clocks may differ. */
const settledMs = 60_000

/** Doubts in workloads that are ready only because a container has just been started, or has just ended. */
export interface Trials {
  /** The pod as it would be told with the doubted containers not ready; undefined when nothing is doubtful. */
  doubted(pod: Pod): Pod | undefined
}

/**
 * Without a readiness probe a container counts as ready from its start, so a workload that crashes, or crashes again and again, seems
 * ready for a moment at each start; and its own status lags behind that of its pods. `clock` gives milliseconds since the epoch;
 * `onTrialEnd` is called when a doubt may be over.
 */
export function trials(clock: () => number, onTrialEnd: () => void): Trials {
  const firstSeen = new Map<string, number>()
  const inTrial = (pod: Pod, status: ContainerStatus): boolean => {
    const trialMs = trialOf(pod, status, clock())
    if (trialMs === undefined) return false
    const run = `${pod.metadata.uid}/${status.name}/${status.restartCount}`
    const since = firstSeen.get(run)
    if (since !== undefined) return clock() - since < trialMs
    firstSeen.set(run, clock())
    setTimeout(onTrialEnd, trialMs).unref()
    return true
  }
  return {
    doubted(pod) {
      const { phase, containerStatuses: statuses = [] } = pod.status ?? {}
      // A pod at its end was replaced, or is a Job's.
      if (phase === 'Failed' || phase === 'Succeeded') return undefined
      const shaky = new Set(statuses.filter((status) => crashed(status) || inTrial(pod, status)))
      if (shaky.size === 0) return undefined
      const told = statuses.map((status) => (shaky.has(status) ? { ...status, ready: false } : status))
      return { ...pod, status: { ...pod.status, containerStatuses: told } }
    },
  }
}

/** Ended with an error, and not started again yet. */
function crashed({ state, lastState }: ContainerStatus): boolean {
  if (state?.running !== undefined) return false
  return ((state?.terminated ?? lastState?.terminated)?.exitCode ?? 0) !== 0
}

/** Milliseconds; undefined for a container that is to be believed. */
function trialOf(pod: Pod, status: ContainerStatus, now: number): number | undefined {
  const { name, state, lastState, restartCount = 0 } = status
  const { startedAt } = state?.running ?? {}
  if (startedAt === undefined || now - Date.parse(startedAt) > settledMs) return undefined
  const probe = pod.spec?.containers?.find((container) => container.name === name)?.readinessProbe
  if (probe !== undefined) return undefined
  if (restartCount === 0) return firstTrialMs
  return (lastState?.terminated?.exitCode ?? 0) === 0 ? undefined : nextTrialMs
}
