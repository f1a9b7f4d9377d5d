import type { PodStreams } from '../../kube/api.ts'
import type { ContainerStatus, Pod } from '../../kube/pod.ts'

/** A run of a container that ended with an error. Its last log lines usually say why. */
export interface EndedRun {
  readonly container: string
  /** Unique among the runs of the same container. */
  readonly run: string
  /** Whether the container has been started again since. */
  readonly previous: boolean
}

/** The last run of each container of a pod that ended with an error. Pure. */
export function endedRuns(pod: Pod): EndedRun[] {
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  return all.flatMap((status: ContainerStatus) => {
    const { terminated } = status.state ?? {}
    const end = terminated ?? status.lastState?.terminated
    if (end === undefined || status.ready === true || (end.exitCode === 0 && (status.restartCount ?? 0) === 0))
      return []
    return [
      { container: status.name, run: `${status.restartCount}/${end.finishedAt}`, previous: terminated === undefined },
    ]
  })
}

/** The last 20 log lines of an ended run, without time stamps; [] if the log no longer exists. */
export async function lastLines(
  streams: Pick<PodStreams, 'logs'>,
  pod: Pod,
  { container, previous }: EndedRun,
  signal: AbortSignal,
): Promise<string[]> {
  const { name, namespace = 'default' } = pod.metadata
  const options = { container, previous, follow: false, tailLines: 20, signal }
  try {
    const chunks: Buffer[] = []
    for await (const chunk of await streams.logs({ name, namespace }, options)) chunks.push(Buffer.from(chunk))
    const text = Buffer.concat(chunks).toString()
    return text.split('\n').map((line) => line.replace(/^\S+Z ?/, ''))
  } catch {
    // The log of a container is deleted with it. The reason is then shown without its last line.
    return []
  }
}
