import type { ContainerStatus, Pod } from '../../kube/pod.ts'

/**
 * How long a container must run to count as ready. One with a mistake in its code or settings ends within this time.
 */
const firstTrialMs = 2000
/** The same after a crash, because a container that crashed once tends to crash again. */
const nextTrialMs = 5000
/**
 * A container that has run for this long needs no trial. The start is by the clock of its node, which may differ from
 * ours.
 */
const settledMs = 60_000

/** Finds pods that seem ready only because a container has just started or has just ended. */
export interface Trials {
  /** The pod with its containers on trial marked as not ready; undefined if none is on trial. */
  unproven(pod: Pod): Pod | undefined
}

/**
 * Without a readiness probe a container counts as ready from its start. A workload that crashes again and again
 * therefore seems ready for a moment after each start, and its own status lags behind that of its pods. So each start
 * is followed by a trial.
 * `clock` returns milliseconds since the epoch; `onTrialEnd` is called when a trial has ended.
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
    unproven(pod) {
      const { phase, containerStatuses: statuses = [] } = pod.status ?? {}
      // A pod that has ended was replaced, or belongs to a Job.
      if (phase === 'Failed' || phase === 'Succeeded') return undefined
      const onTrial = new Set(statuses.filter((status) => crashed(status) || inTrial(pod, status)))
      if (onTrial.size === 0) return undefined
      const marked = statuses.map((status) => (onTrial.has(status) ? { ...status, ready: false } : status))
      return { ...pod, status: { ...pod.status, containerStatuses: marked } }
    },
  }
}

/** Whether a container has ended with an error and has not been started again yet. */
function crashed({ state, lastState }: ContainerStatus): boolean {
  if (state?.running !== undefined) return false
  return ((state?.terminated ?? lastState?.terminated)?.exitCode ?? 0) !== 0
}

/** How long the trial of a container's current run takes, in milliseconds; undefined if it needs none. */
function trialOf(pod: Pod, status: ContainerStatus, now: number): number | undefined {
  const { name, state, lastState, restartCount = 0 } = status
  const { startedAt } = state?.running ?? {}
  if (startedAt === undefined || now - Date.parse(startedAt) > settledMs) return undefined
  const probe = pod.spec?.containers?.find((container) => container.name === name)?.readinessProbe
  if (probe !== undefined) return undefined
  if (restartCount === 0) return firstTrialMs
  return (lastState?.terminated?.exitCode ?? 0) === 0 ? undefined : nextTrialMs
}
