import { type KubeObject, nameOf, type WatchEvent } from '../../kube/api.ts'
import type { KubeEvent } from '../../kube/pod.ts'
import { servicesOf } from '../../kube/pod-services.ts'
import { labels } from '../../lib/keys.ts'
import type { UiHappening } from './api.ts'

/** Finds the events of Kubernetes that are about the objects of one project. */
export interface ProjectEvents {
  /** Takes a change of objects of the project. */
  objects(event: WatchEvent): void
  /** Takes a change of the events of the cluster. */
  events(event: WatchEvent): void
}

/** Most objects that are remembered, also after they were deleted, and most events whose object is not known yet. */
const mostObjects = 20_000
const mostWaiting = 1000

/**
 * Tells `found` of each event about an object of the project, and about nodes, oldest first. An event and its object
 * come in any order. An event that happens again has the same id, and a higher count.
 */
export function projectEvents(found: (happenings: readonly UiHappening[]) => void): ProjectEvents {
  /** The names of the services, externals and presets of each object, by UID. */
  const owners = new Map<string, readonly string[]>()
  const waiting = new Map<string, KubeEvent>()
  const seen = new Map<string, string | undefined>()
  const namesOf = ({ involvedObject }: KubeEvent) =>
    owners.get(involvedObject?.uid ?? '') ?? (involvedObject?.kind === 'Node' ? [] : undefined)
  const tell = (events: readonly KubeEvent[]) => {
    const told = events.flatMap((event) => {
      const names = namesOf(event)
      return names === undefined ? [] : [happeningOf(event, names)]
    })
    if (told.length > 0) found(told.sort((a, b) => a.time.localeCompare(b.time)))
  }
  return {
    objects(event) {
      if (event.type === 'DELETED') return
      for (const object of event.type === 'SYNCED' ? event.objects : [event.object]) {
        keep(owners, object.metadata.uid ?? '', partsOf(object), mostObjects)
      }
      const known = [...waiting].filter(([, each]) => namesOf(each) !== undefined)
      for (const [id] of known) waiting.delete(id)
      tell(known.map(([, each]) => each))
    },
    events(event) {
      if (event.type === 'DELETED') return
      const all = (event.type === 'SYNCED' ? event.objects : [event.object]) as readonly KubeEvent[]
      const news = all.filter(({ metadata: { uid = '', resourceVersion } }) => {
        if (seen.has(uid) && seen.get(uid) === resourceVersion) return false
        keep(seen, uid, resourceVersion, mostObjects)
        return true
      })
      for (const each of news) {
        if (namesOf(each) === undefined) keep(waiting, each.metadata.uid ?? '', each, mostWaiting)
      }
      tell(news)
    },
  }
}

/** Sets the value, as the newest one, and forgets the oldest ones. */
function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= most) break
    map.delete(oldest)
  }
}

function partsOf(object: KubeObject): string[] {
  const own = object.metadata.labels ?? {}
  return [...servicesOf(object), ...[own[labels.external], own[labels.preset]].filter((name) => name !== undefined)]
}

function happeningOf(event: KubeEvent, names: readonly string[]): UiHappening {
  const { kind = '', namespace, name = '' } = event.involvedObject ?? {}
  const time = event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime
  return {
    id: event.metadata.uid ?? '',
    time: time ?? event.metadata.creationTimestamp ?? '',
    source: 'kubernetes',
    names,
    kind: event.reason ?? '',
    // A node has no namespace, though its events have one.
    object: nameOf({ apiVersion: 'v1', kind, name, namespace: kind === 'Node' ? undefined : namespace }),
    warning: event.type === 'Warning',
    text: (event.message ?? '').slice(0, 2000),
    count: event.series?.count ?? event.count ?? 1,
  }
}
