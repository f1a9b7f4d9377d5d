import { nodeAgents } from '../agent/node-agents.ts'
import type { CommandFunction } from '../context.ts'
import { copiedText, copyFrom, copyTo } from '../copy/copy.ts'
import { copyOf } from '../copy/place.ts'
import { DevkError } from '../errors.ts'
import type { ContainerStatus, Pod } from '../kube/pod.ts'
import { agentProgram } from '../platform/agent.ts'
import { type OpenProject, openProject } from '../project/open.ts'
import { podSyncer } from '../sync/pod-syncer.ts'
import type { SyncTarget } from '../sync/syncer.ts'
import { writeJson, writeText } from '../terminal/output.ts'
import { safeName } from '../terminal/safe-text.ts'
import { serviceContainer, servicePod } from './exec.ts'

/** Flags of `devk cp`. */
export interface CpFlags {
  /** Name of the container. */
  readonly container?: string
}

const shownSkips = 5

/**
 * `devk cp`: copies files between this machine and the newest ready pod of a service. Throws USAGE, NOT_READY,
 * COPY_FAILED, DISK_FULL, CLUSTER_MISSING and KUBE_API.
 */
export const runCp: CommandFunction<CpFlags> = async (ctx, args, flags) => {
  const copy = copyOf(args)
  const { remote, local, way } = copy
  const project = await openProject(ctx)
  const pod = await servicePod(project, remote.service, ctx.signal)
  const target = targetOf(pod, remote.service, flags.container)
  const agents = nodeAgents({ runner: ctx.runner, binary: agentProgram(ctx), onUnusable: () => {} })
  try {
    const syncer = podSyncer(agents, project.streams, (node) => (hasLocalNodes(project) ? node : undefined))
    const deps = { target, streams: project.streams, syncer, cwd: ctx.cwd }
    const copied =
      way === 'from' ? await copyFrom(deps, remote, local, ctx.signal) : await copyTo(deps, local, remote, ctx.signal)
    const { service, container } = target
    if (ctx.json) await writeJson(ctx.stdout, { way, service, pod: target.pod.name, container, ...copied })
    else {
      const left = copied.skipped.slice(0, shownSkips).map((text) => `  left out: ${safeName(text)}`)
      const more = copied.skipped.length - left.length
      const lines = [copiedText(copied), ...left, ...(more > 0 ? [`  and ${more} more`] : [])]
      await writeText(ctx.stderr, `${lines.join('\n')}\n`)
    }
    return 0
  } finally {
    agents.close()
  }
}

/** Nodes that devk created are containers with the names of the nodes. */
function hasLocalNodes({ record }: OpenProject): boolean {
  return record.cluster.provider === 'kind' || record.cluster.provider === 'minikube'
}

function targetOf(pod: Pod, service: string, named: string | undefined): SyncTarget {
  const statuses = (pod.status?.containerStatuses ?? []) as readonly (ContainerStatus & { containerID?: string })[]
  const container = named ?? serviceContainer(pod, service)
  const status = statuses.find(({ name }) => name === container)
  if (container === undefined || status === undefined) {
    const names = statuses.map(({ name }) => name).join(', ')
    throw new DevkError('USAGE', `The pod ${pod.metadata.name} has no container "${container}"`, {
      hint: `Containers: ${names}.`,
    })
  }
  return {
    service,
    pod: { namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name },
    container,
    containerId: status.containerID?.replace(/^[^:]*:\/\//, '') ?? '',
    node: pod.spec?.nodeName ?? '',
  }
}
