import { labels } from '../../lib/keys.ts'
import type { Cell } from '../../logs/view.ts'
import type { OpenProject } from '../../project/open.ts'
import type { SessionEntry } from '../../session/state.ts'
import { type History, history } from '../../ui/history.ts'
import { type Bell, bell } from '../../ui/sse.ts'
import type { UiHappening } from './api.ts'
import { projectEvents } from './kube-events.ts'

/** What happened to a stack, for all pages. */
export interface Timeline {
  readonly happenings: History<UiHappening>
  readonly rings: Bell
  /** Takes what the devk that holds the stack did. */
  add(entries: readonly SessionEntry[]): void
  /** Begins to watch events; more calls do nothing. Nothing is watched before anyone looks. */
  begin(): void
}

/** The owners of events. What only groups other objects, such as a namespace, has none that matter here. */
const owners = [
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'batch/v1', kind: 'CronJob' },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
]

/** Types of events of devk that tell of a failure. */
const failures: ReadonlySet<string> = new Set(['failed', 'crashed', 'warning'])

/** The timeline of whichever cluster `project` is connected to, until the signal. */
export function timeline(project: Cell<OpenProject | undefined>, signal: AbortSignal): Timeline {
  const happenings = history<UiHappening>({ items: 5000, size: 4 * 1024 * 1024 })
  const rings = bell()
  let begun = false
  let last = 0
  const add = (all: readonly UiHappening[]) => {
    for (const each of all) happenings.add(each, each.text.length + 300)
    rings.ring()
  }
  const watch = async () => {
    while (!signal.aborted) {
      const open = project.get()
      const other = new AbortController()
      if (open !== undefined) follow(open, add, AbortSignal.any([signal, other.signal]))
      await project.next(signal)
      other.abort()
    }
  }
  return {
    happenings,
    rings,
    add(entries) {
      add(
        entries.map(({ time, service, type: kind, text }) => {
          last += 1
          const names = service === null ? [] : [service]
          const warning = failures.has(kind)
          return { id: `devk-${last}`, time, source: 'devk', names, kind, object: null, warning, text, count: 1 }
        }),
      )
    },
    begin() {
      if (begun) return
      begun = true
      void watch()
    },
  }
}

function follow({ kube, record }: OpenProject, add: (all: readonly UiHappening[]) => void, signal: AbortSignal): void {
  const { objects, events } = projectEvents(add)
  const ours = { labels: `${labels.project}=${record.name}`, signal }
  for (const kind of owners) void kube.watch(kind, ours, objects)
  void kube.watch({ apiVersion: 'v1', kind: 'Event' }, { signal }, events)
}
