import type { CommandFunction } from '../context.ts'
import { DevkError } from '../errors.ts'
import { newestReady } from '../kube/newest-ready.ts'
import type { Pod } from '../kube/pod.ts'
import { containersOfService, servicesOf } from '../kube/pod-services.ts'
import { labels } from '../lib/keys.ts'
import { type OpenProject, openProject } from '../project/open.ts'
import { requireKnown } from '../project/selection.ts'

/** Flags of `devk exec`. */
export interface ExecFlags {
  /** False with --no-tty. */
  readonly tty: boolean
  /** Name of the container. */
  readonly container?: string
}

/**
 * `devk exec SERVICE -- CMD`: runs a command in the newest ready pod of a service, and returns the exit code of the
 * command. Throws USAGE, NOT_READY, CLUSTER_MISSING, KUBE_API.
 */
export const runExec: CommandFunction<ExecFlags> = async (ctx, [service, ...command], flags) => {
  if (service === undefined || command.length === 0) {
    throw new DevkError('USAGE', 'exec needs a service and a command', {
      hint: 'Write the command after two dashes: devk exec backend -- python -V',
    })
  }
  const project = await openProject(ctx)
  const pod = await servicePod(project, service, ctx.signal)
  const tty = flags.tty && ctx.isTTY
  if (tty) ctx.stdin.setRawMode?.(true)
  try {
    return await project.streams.exec(
      { namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name },
      command,
      {
        container: flags.container ?? serviceContainer(pod, service),
        stdin: ctx.stdin,
        stdout: ctx.stdout,
        stderr: ctx.stderr,
        tty,
        signal: ctx.signal,
      },
    )
  } finally {
    if (tty) ctx.stdin.setRawMode?.(false)
    ctx.stdin.pause()
  }
}

/** The newest ready pod of a service or external. Throws NOT_READY if there is none, USAGE for an unknown service. */
export async function servicePod(project: OpenProject, service: string, signal: AbortSignal): Promise<Pod> {
  return readyPod(service, await servicePods(project, service, signal))
}

/** The newest of these pods that is ready. Throws NOT_READY. */
export function readyPod(service: string, pods: readonly Pod[]): Pod {
  const pod = newestReady(pods)
  if (pod !== undefined) return pod
  throw new DevkError('NOT_READY', `No pod of ${service} is ready`, { hint: 'Run devk status to see why.' })
}

/** All pods of a service or external. Throws USAGE for an unknown service. */
export async function servicePods(project: OpenProject, service: string, signal: AbortSignal): Promise<Pod[]> {
  const { services, externals } = project.record
  const known = [...services.map(({ name }) => name), ...externals]
  requireKnown(project.record.name, [service], known)
  const own = `${labels.project}=${project.record.name}`
  const pods = await project.kube.list(
    { apiVersion: 'v1', kind: 'Pod' },
    { labels: externals.includes(service) ? `${own},${labels.external}=${service}` : own, signal },
  )
  return externals.includes(service) ? pods : pods.filter((one) => servicesOf(one).includes(service))
}

/**
 * In a pod with several services, the first container of this one. Otherwise the container that the annotation of
 * kubectl names, or the first one.
 */
export function serviceContainer(pod: Pod, service: string): string | undefined {
  const [shared] = containersOfService(pod, service) ?? []
  if (shared !== undefined) return shared
  return pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ?? pod.spec?.containers?.[0]?.name
}
