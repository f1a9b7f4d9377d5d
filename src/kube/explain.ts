import { type ContainerStatus, conditionOf, type KubeEvent, type Pod, type PodContainer } from './pod.ts'
import { probeFailure } from './probe.ts'

/** What is known about one pod. */
export interface PodFacts {
  readonly pod: Pod
  /** Events of this pod, in any order. */
  readonly events: readonly KubeEvent[]
  /** Last log lines of terminated containers, by container name. */
  readonly logs?: Readonly<Record<string, readonly string[]>>
}

/**
 * One line that explains why a pod does not start or is not ready. undefined when nothing is wrong, or no reason is
 * known yet.
 */
export function explainPod({ pod, events, logs = {} }: PodFacts): string | undefined {
  const { phase, reason, message } = pod.status ?? {}
  if (phase === 'Failed' && reason !== undefined) return `was removed (${reason}): ${message ?? 'no reason given'}`
  const scheduled = conditionOf(pod, 'PodScheduled')
  if (scheduled?.status === 'False')
    return `cannot be scheduled: ${trimScheduler(scheduled.message ?? scheduled.reason ?? '')}`
  const warnings = byTime(events.filter((event) => event.type === 'Warning'))
  const nodeNotReady = warnings.find((event) => event.reason === 'NodeNotReady')
  if (nodeNotReady !== undefined && conditionOf(pod, 'Ready')?.status !== 'True')
    return `its node ${pod.spec?.nodeName} is not ready`
  const { initContainerStatuses: first = [], containerStatuses: then = [] } = pod.status ?? {}
  for (const status of [...first, ...then]) {
    const reason = explainContainer(status, pod, warnings, logs[status.name] ?? [])
    const who = first.includes(status)
      ? `init container ${status.name} `
      : then.length > 1
        ? `container ${status.name} `
        : ''
    if (reason !== undefined) return `${who}${reason}`
  }
  return explainSetUp(warnings, then)
}

/**
 * Why a controller cannot create its pods (quota, missing ServiceAccount, admission), from its own events or those of
 * its ReplicaSets.
 */
export function explainController(events: readonly KubeEvent[]): string | undefined {
  const [newest] = byTime(events.filter((event) => event.type === 'Warning' && event.reason === 'FailedCreate'))
  return newest?.message && `its pods are rejected: ${trimRejection(newest.message)}`
}

/** The reason from a message about a rejected pod, without the generated name of the pod. */
export function trimRejection(message: string): string {
  return message.replace(/^.*pods? "[^"]*" is forbidden: /, '')
}

const pullReasons = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'ImageInspectError'])
const startReasons = new Set(['RunContainerError', 'StartError', 'ContainerCannotRun', 'CreateContainerError'])

function explainContainer(
  status: ContainerStatus,
  pod: Pod,
  warnings: readonly KubeEvent[],
  lines: readonly string[],
): string | undefined {
  const { waiting, terminated, running } = status.state ?? {}
  const spec = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].find(
    (c) => c.name === status.name,
  )
  const why = waiting?.reason ?? ''
  const own = warnings.filter((event) => event.involvedObject?.fieldPath?.endsWith(`{${status.name}}`) !== false)
  if (pullReasons.has(why)) {
    // A node that has the image asks the registry all the same.
    const always = spec?.imagePullPolicy === 'Always' ? ' (its pull policy is Always, so the node must ask)' : ''
    return `image ${spec?.image} cannot be pulled${always}: ${pullWords(waiting?.message, own)}`
  }
  if (why === 'ErrImageNeverPull') return `image ${spec?.image} is not on the node, and its pull policy is Never`
  if (why === 'InvalidImageName') return `image ${JSON.stringify(spec?.image)} is not a valid name`
  if (why === 'CreateContainerConfigError')
    return `cannot be started: ${(waiting?.message ?? why).replace(/ \(pod: .*\)$/, '')}`
  if (startReasons.has(why)) return `cannot be started: ${trimRuntime(waiting?.message ?? why)}`
  if (running !== undefined && status.ready !== true)
    return failingProbe(spec, own, running.startedAt) ?? restarted(status, lines)
  if (waiting !== undefined && why !== 'CrashLoopBackOff') return undefined
  // Init containers and Jobs are meant to exit with code 0. It is a fault only when the restart policy restarts the
  // container.
  if (terminated?.exitCode === 0 && (status.restartCount ?? 0) === 0) return undefined
  const end = terminated ?? status.lastState?.terminated
  if (end === undefined || (running !== undefined && status.ready === true)) return undefined
  const killed = why === 'CrashLoopBackOff' && end.exitCode === 137 ? failingProbe(spec, own, undefined) : undefined
  return killed === undefined ? ended(status, spec, lines) : `restarts repeatedly: ${killed}`
}

function restarted(status: ContainerStatus, lines: readonly string[]): string | undefined {
  return status.lastState?.terminated === undefined
    ? undefined
    : `restarted after it ${ended(status, undefined, lines)}`
}

const signals: Readonly<Record<number, string>> = {
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
}

function ended(status: ContainerStatus, spec: PodContainer | undefined, lines: readonly string[]): string {
  const end = status.state?.terminated ?? status.lastState?.terminated ?? {}
  const code = end.exitCode ?? 0
  if (end.reason === 'OOMKilled') {
    const limit = spec?.resources?.limits?.memory
    return `was killed for using more memory than its limit${limit === undefined ? '' : ` of ${limit}`}`
  }
  if (startReasons.has(end.reason ?? '')) return `cannot be started: ${trimRuntime(end.message ?? '')}`
  const said = tellingLine(lines)
  const words = said === undefined ? '' : `: ${said}`
  if (code === 0) return `exited with code 0, but must keep running${words}`
  const signal = signals[end.signal ?? code - 128]
  return signal === undefined ? `exited with code ${code}${words}` : `was terminated by ${signal}${words}`
}

/** The most informative line of a crash's output: the last one that mentions an error, or else the last one. */
export function tellingLine(lines: readonly string[]): string | undefined {
  const full = lines.map((line) => line.trim()).filter((line) => line !== '')
  const error = full.findLast((line) => /^\S*(error|exception|panic|fatal)\b/i.test(line))
  return error ?? full.at(-1)
}

function failingProbe(
  spec: PodContainer | undefined,
  own: readonly KubeEvent[],
  since: string | undefined,
): string | undefined {
  const event = own.find(({ reason }) => reason === 'Unhealthy')
  if (event === undefined || spec === undefined) return undefined
  // A failure before the last start of the container does not concern the current one.
  if (since !== undefined && Date.parse(timeOf(event)) < Date.parse(since)) return undefined
  return probeFailure(spec, event.message ?? '')
}

function explainSetUp(warnings: readonly KubeEvent[], statuses: readonly ContainerStatus[]): string | undefined {
  const creating = statuses.every(({ state }) => state?.waiting !== undefined)
  const event = warnings.find(({ reason }) => /^Failed(Mount|AttachVolume|CreatePodSandBox)$/.test(reason ?? ''))
  return creating && event?.message
    ? event.message.replace(/^MountVolume\.SetUp failed for (volume "[^"]*") ?: /, 'cannot mount $1: ')
    : undefined
}

/** Newest first. */
function byTime(events: readonly KubeEvent[]): KubeEvent[] {
  return [...events].sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))
}

function timeOf(event: KubeEvent): string {
  return event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? ''
}

function pullWords(message: string | undefined, own: readonly KubeEvent[]): string {
  // The first waiting state names no cause, but its event does.
  const detailed = message?.includes(': ')
    ? message
    : (own.find(({ message: m }) => m?.startsWith('Failed to pull'))?.message ?? message)
  const words = detailed
    ?.replace(/^.*?(rpc error: .*? desc = )/, '')
    .replace(/^.*(failed to resolve (reference|image) "[^"]*": |image "[^"]*": )/, '')
  return words?.replace(/^failed to do request: \w+ "[^"]*": /, '') ?? 'no reason given'
}

function trimScheduler(message: string): string {
  return message.replace(/[.,] (no new claims|preemption:).*$/, '').replace(/not found\. not found/, 'not found')
}

function trimRuntime(message: string): string {
  return message.replace(/^.*(unable to start container process: |OCI runtime create failed: )/, '')
}
