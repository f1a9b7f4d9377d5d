import type { Kube, ListOptions, PodStreams, WatchEvent } from '../kube/api.ts'
import type { Pod } from '../kube/pod.ts'
import { serviceOfContainer } from '../kube/pod-services.ts'
import { type BatchLimits, batches } from './bounded-queue.ts'
import { followContainer } from './container.ts'
import { droppedText, type LogLine, type StampedLine, sortKey } from './record.ts'
import { type Cell, type ContainerView, cell, containerViews, markOf } from './view.ts'

/** Which log lines to read. */
export interface LogQuery {
  /** The label selector of the pods: `devk.dev/project=todo`. */
  readonly labels: string
  readonly namespace?: string
  /** Returns the service of a container; undefined leaves its lines out. Default: `serviceOfContainer`. */
  readonly serviceOf?: (pod: Pod, container: string) => string | undefined
  /** An RFC 3339 time; older lines are left out. */
  readonly since?: string | undefined
  /** How many lines to read of each container that exists at the start, from the end; undefined: all. */
  readonly tail?: number | undefined
  readonly grep?: RegExp | undefined
  /** Also read the previous run of containers that have restarted before the start. */
  readonly earlierRuns?: boolean
  /** How much is kept for a consumer that does not read, and how long its containers' logs wait for it. */
  readonly limits?: Partial<BatchLimits>
  readonly signal: AbortSignal
}

const podKind = { apiVersion: 'v1', kind: 'Pod' }
const defaultLimits: BatchLimits = { size: 8 * 1024 * 1024, gatherMs: 15, patienceMs: 5000 }

/** A line in the queue. A mutable `dropped` counts the lines that this one stands for. */
type Queued = Omit<LogLine, 'dropped'> & { readonly key: string; dropped?: number }

/**
 * Follows the logs of all pods that match, including pods that are created later, until the signal. Yields each line
 * once, in spite of restarts, log rotation and lost connections. Lines that arrive together are sorted by time. While
 * the consumer does not read for long, lines are dropped, and one line tells how many. When the consumer stops, all
 * reading stops.
 */
export async function* followLogs(
  { kube, streams }: { kube: Pick<Kube, 'watch'>; streams: Pick<PodStreams, 'logs'> },
  query: LogQuery,
): AsyncGenerator<LogLine> {
  const stop = new AbortController()
  const signal = AbortSignal.any([query.signal, stop.signal])
  const queue = batches<Queued>({ ...defaultLimits, ...query.limits }, signal)
  /** The lines that stand for dropped ones, by container, until they are read. */
  const notices = new Map<Cell<ContainerView>, Queued>()
  const enqueue = (line: Queued, from: Cell<ContainerView>): Promise<void> | undefined => {
    const room = queue.put(line, line.text.length + 200)
    if (room !== false) return room
    const notice = notices.get(from) ?? { ...line, dropped: 0 }
    notice.dropped = (notice.dropped ?? 0) + 1
    if (!notices.has(from)) queue.force(notice)
    notices.set(from, notice)
    return undefined
  }
  const pods = new Map<string, Map<string, Cell<ContainerView>>>()
  const wanted = lineFilter(query)
  const work = new Set<Promise<void>>()
  let first = true

  const followPod = (pod: Pod) => {
    const id = podId(pod)
    const containers = pods.get(id) ?? new Map<string, Cell<ContainerView>>()
    pods.set(id, containers)
    const { name, namespace = 'default' } = pod.metadata
    const mark = markOf(pod)
    for (const [container, seen] of containerViews(pod)) {
      const service = (query.serviceOf ?? serviceOfContainer)(pod, container)
      if (service === undefined) continue
      const known = containers.get(container)
      if (known) {
        known.set(seen)
        continue
      }
      const view = cell(seen)
      containers.set(container, view)
      const following = followContainer({
        streams,
        pod: { namespace, name },
        container,
        view,
        fresh: !first || query.earlierRuns === true,
        sinceTime: query.since,
        tailLines: first ? query.tail : undefined,
        emit: (line) => (wanted(line) ? enqueue({ ...line, service, pod: name, container, ...mark }, view) : undefined),
        signal,
      })
      work.add(following)
      void following.then(() => work.delete(following))
    }
  }
  const dropPod = (id: string) => {
    for (const view of pods.get(id)?.values() ?? []) view.set({ ...view.get(), gone: true })
    pods.delete(id)
  }
  const onEvent = (event: WatchEvent) => {
    if (event.type === 'SYNCED') {
      const present = new Set(event.objects.map(podId))
      for (const id of [...pods.keys()]) if (!present.has(id)) dropPod(id)
      for (const pod of event.objects) followPod(pod as Pod)
      first = false
    } else if (event.type === 'DELETED') dropPod(podId(event.object))
    else followPod(event.object as Pod)
  }

  const watching = kube.watch(podKind, { ...scopeOf(query), signal }, onEvent)
  try {
    for await (const batch of queue.read()) {
      notices.clear()
      for (const { key: _, ...line } of batch.sort(byTime)) {
        yield line.dropped === undefined ? line : { ...line, text: droppedText(line.dropped) }
        queue.reading()
      }
    }
  } finally {
    stop.abort()
    await Promise.all([watching, ...work])
  }
}

/**
 * Returns a filter for the lines that match `grep` and are not older than `since`, which the API itself compares in
 * whole seconds only.
 */
export function lineFilter({ since, grep }: Pick<LogQuery, 'since' | 'grep'>): (line: StampedLine) => boolean {
  const from = since === undefined ? undefined : sortKey(since)
  // A pattern with the flag g or y keeps its last position between calls.
  const pattern = grep && new RegExp(grep.source, grep.flags.replace(/[gy]/g, ''))
  return ({ key, text }) => (from === undefined || key >= from) && (pattern === undefined || pattern.test(text))
}

/** The namespace and labels of a query, as options of the list call. */
export function scopeOf(query: LogQuery): Omit<ListOptions, 'signal'> {
  return { labels: query.labels, ...(query.namespace ? { namespace: query.namespace } : {}) }
}

/** Compares two lines by time, for sorting. */
export function byTime(a: { key: string }, b: { key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}

function podId({ metadata }: { metadata: Pod['metadata'] }): string {
  return metadata.uid ?? `${metadata.namespace}/${metadata.name}`
}
