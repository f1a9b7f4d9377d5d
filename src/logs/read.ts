import { DevkError } from '../errors.ts'
import type { Kube, PodStreams } from '../kube/api.ts'
import { statusOf } from '../kube/client/errors.ts'
import type { Pod } from '../kube/pod.ts'
import { splitLines } from '../lib/lines.ts'
import { byTime, type LogQuery, lineFilter, scopeOf, serviceLabel } from './follow.ts'
import { type LogLine, longestLine, parseLine, type StampedLine } from './record.ts'
import { containerViews } from './view.ts'

type Head = LogLine & { readonly key: string }

/**
 * The logs of all pods that match as they are now, merged by time; one line of each is held in memory. Throws KUBE_API; a
 * container whose log is not there (yet, or any more) has no lines.
 */
export async function* readLogs(
  { kube, streams }: { kube: Pick<Kube, 'list'>; streams: Pick<PodStreams, 'logs'> },
  query: LogQuery,
): AsyncGenerator<LogLine> {
  const { signal } = query
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { ...scopeOf(query), signal })) as Pod[]
  const wanted = lineFilter(query)
  const sources = pods.flatMap((pod) => {
    const service = (query.serviceOf ?? serviceLabel)(pod)
    if (service === undefined) return []
    const started = [...containerViews(pod)].filter(([, view]) => view.started)
    return started.map(([container]) => linesOf(streams, pod, container, service, query, wanted))
  })
  try {
    yield* merged(sources)
  } finally {
    await Promise.all(sources.map((source) => source.return(undefined)))
  }
}

async function* linesOf(
  streams: Pick<PodStreams, 'logs'>,
  pod: Pod,
  container: string,
  service: string,
  { since, tail, signal }: LogQuery,
  wanted: (line: StampedLine) => boolean,
): AsyncGenerator<Head> {
  const { name, namespace = 'default' } = pod.metadata
  try {
    const options = { container, follow: false, sinceTime: since, tailLines: tail, signal }
    for await (const raw of splitLines(await streams.logs({ name, namespace }, options), longestLine)) {
      const line = parseLine(raw)
      if (line !== undefined && wanted(line)) yield { ...line, service, pod: name, container }
    }
  } catch (error) {
    signal.throwIfAborted()
    const status = statusOf(error)
    if (status === 404 || status === 400) return
    if (error instanceof DevkError) throw error
    throw new DevkError('KUBE_API', `the log of ${namespace}/${name} broke off`, { cause: error })
  }
}

/** Takes the oldest head of all sources again and again. */
async function* merged(sources: readonly AsyncGenerator<Head>[]): AsyncGenerator<LogLine> {
  const heads = new Map<AsyncGenerator<Head>, Head>()
  const advance = async (source: AsyncGenerator<Head>) => {
    const { value, done } = await source.next()
    if (done) heads.delete(source)
    else heads.set(source, value)
  }
  await Promise.all(sources.map(advance))
  while (heads.size > 0) {
    const [source, head] = [...heads].reduce((oldest, next) => (byTime(next[1], oldest[1]) < 0 ? next : oldest))
    const { key: _, ...line } = head
    yield line
    await advance(source)
  }
}
