import type { PodStreams } from '../../kube/api.ts'
import type { ContainerStatus, Pod } from '../../kube/pod.ts'

/** A container run that ended badly: its output says why. */
export interface EndedRun {
  readonly container: string
  /** Tells runs of the same container apart. */
  readonly run: string
  /** Whether it is the run before the present one. */
  readonly previous: boolean
}

/** The last ended run of each container of a pod, where it ended with an error. Pure. */
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

/** The last lines of an ended run, without time stamps; none when the log is gone. */
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
    // The log of a container is removed with it; the reason is then told without its last line.
    return []
  }
}
