import { DevkError } from '../errors.ts'
import type { Kube, PodStreams } from '../kube/api.ts'
import { statusOf } from '../kube/client/errors.ts'
import type { Pod } from '../kube/pod.ts'
import { serviceOfContainer } from '../kube/pod-services.ts'
import { splitLines } from '../lib/streams/lines.ts'
import { byTime, type LogQuery, lineFilter, scopeOf } from './follow.ts'
import { type LogLine, longestLine, parseLine, sortKey } from './record.ts'
import { containerViews, markOf } from './view.ts'

type Head<T> = T & { readonly key: string }
/** A line of any origin. */
type TimedLine = Pick<LogLine, 'service' | 'time' | 'text'>

/** A container whose log is read. */
interface Source {
  readonly pod: Pod
  readonly container: string
  readonly service: string
}

/**
 * Reads the present logs of all pods that match, merged by time with `others`, which are in that order. It holds one
 * line of each container in memory. A container without a log (not started, or rotated away) has no lines. Throws
 * KUBE_API.
 */
export async function* readLogs<T extends TimedLine = LogLine>(
  { kube, streams }: { kube: Pick<Kube, 'list'>; streams: Pick<PodStreams, 'logs'> },
  query: LogQuery,
  others: readonly T[] = [],
): AsyncGenerator<LogLine | T> {
  const { signal } = query
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { ...scopeOf(query), signal })) as Pod[]
  const ofPods = pods.flatMap((pod) => {
    const started = [...containerViews(pod)].filter(([, view]) => view.started)
    return started.flatMap(([container]) => {
      const service = (query.serviceOf ?? serviceOfContainer)(pod, container)
      return service === undefined ? [] : [linesOf(streams, { pod, container, service }, query)]
    })
  })
  const sources: AsyncGenerator<Head<LogLine | T>>[] = [...ofPods, keyed(others)]
  try {
    yield* merged(sources)
  } finally {
    await Promise.all(sources.map((source) => source.return(undefined)))
  }
}

async function* linesOf(
  streams: Pick<PodStreams, 'logs'>,
  { pod, container, service }: Source,
  query: LogQuery,
): AsyncGenerator<Head<LogLine>> {
  const { since, tail, signal } = query
  const wanted = lineFilter(query)
  const { name, namespace = 'default' } = pod.metadata
  const mark = markOf(pod)
  try {
    const options = { container, follow: false, sinceTime: since, tailLines: tail, signal }
    for await (const raw of splitLines(await streams.logs({ name, namespace }, options), longestLine)) {
      const line = parseLine(raw)
      if (line !== undefined && wanted(line)) yield { ...line, service, pod: name, container, ...mark }
    }
  } catch (error) {
    signal.throwIfAborted()
    const status = statusOf(error)
    if (status === 404 || status === 400) return
    if (error instanceof DevkError) throw error
    throw new DevkError('KUBE_API', `Reading the log of ${namespace}/${name} failed`, { cause: error })
  }
}

async function* keyed<T extends TimedLine>(lines: readonly T[]): AsyncGenerator<Head<T>> {
  for (const line of lines) yield { ...line, key: sortKey(line.time) ?? '' }
}

/** Yields the oldest of all sources' first lines, again and again. */
async function* merged<T>(sources: readonly AsyncGenerator<Head<T>>[]): AsyncGenerator<T> {
  const heads = new Map<AsyncGenerator<Head<T>>, Head<T>>()
  const advance = async (source: AsyncGenerator<Head<T>>) => {
    const { value, done } = await source.next()
    if (done) heads.delete(source)
    else heads.set(source, value)
  }
  await Promise.all(sources.map(advance))
  while (heads.size > 0) {
    const [source, head] = [...heads].reduce((oldest, next) => (byTime(next[1], oldest[1]) < 0 ? next : oldest))
    const { key: _, ...line } = head
    yield line as T
    await advance(source)
  }
}
