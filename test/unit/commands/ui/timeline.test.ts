import { expect, onTestFinished, test } from 'vitest'
import { timeline } from '../../../../src/commands/ui/timeline.ts'
import type { KubeObject, WatchEvent } from '../../../../src/kube/api.ts'
import { labels } from '../../../../src/lib/keys.ts'
import { cell } from '../../../../src/logs/view.ts'
import type { OpenProject } from '../../../../src/project/open.ts'

interface Watch {
  readonly kind: string
  readonly labels: string | undefined
  readonly signal: AbortSignal
  readonly change: (event: WatchEvent) => void
}

/** The timeline of a cluster that the test plays. */
function watched() {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const watches: Watch[] = []
  const open = () => {
    const watch = async (
      { kind }: { kind: string },
      { labels, signal }: { labels?: string; signal: AbortSignal },
      change: Watch['change'],
    ) => {
      watches.push({ kind, labels, signal, change })
    }
    return { record: { name: 'todo' }, kube: { watch } } as unknown as OpenProject
  }
  const project = cell<OpenProject | undefined>(open())
  const happened = timeline(project, stop.signal)
  const tell = (kind: string, event: WatchEvent) => watches.findLast((each) => each.kind === kind)?.change(event)
  const all = () => happened.happenings.after(0, 100).items.map(({ item }) => item)
  return { happened, watches, project, open, tell, all }
}

const pod = (uid: string, own: Record<string, string> = { [labels.service]: 'backend' }): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: uid, namespace: 'todo', uid, labels: own },
})
const event = (uid: string, of: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: uid, namespace: 'todo', uid, resourceVersion: '1' },
  involvedObject: { kind: 'Pod', namespace: 'todo', name: of, uid: of },
  type: 'Warning',
  reason: 'BackOff',
  message: 'Back-off restarting failed container',
  lastTimestamp: '2026-11-29T12:00:00Z',
  ...more,
})
const added = (object: KubeObject): WatchEvent => ({ type: 'ADDED', object })

test('nothing is watched before anyone looks; what devk did is kept meanwhile', () => {
  const { happened, watches, all } = watched()
  happened.add([{ time: '2026-11-29T12:00:00Z', service: 'backend', type: 'failed', text: 'build failed' }])
  happened.add([{ time: '2026-11-29T12:00:01Z', service: null, type: 'phase', text: 'The stack is up' }])
  expect(watches).toEqual([])
  expect(all()).toMatchObject([
    { source: 'devk', names: ['backend'], kind: 'failed', warning: true, object: null },
    { source: 'devk', names: [], kind: 'phase', warning: false },
  ])
  expect(new Set(all().map(({ id }) => id)).size).toBe(2)
  happened.begin()
  happened.begin()
  expect(watches.filter(({ kind }) => kind === 'Event')).toHaveLength(1)
  expect(watches.every(({ kind, labels: of }) => (kind === 'Event') === (of === undefined))).toBe(true)
})

test('an event is found with its object, in whichever order they come, and also after the object is gone', () => {
  const { happened, tell, all } = watched()
  happened.begin()
  tell('Event', { type: 'SYNCED', objects: [event('late', 'pod-a'), event('foreign', 'pod-of-others')] })
  expect(all()).toEqual([])
  tell('Pod', added(pod('pod-a')))
  expect(all()).toEqual([
    {
      id: 'late',
      time: '2026-11-29T12:00:00Z',
      source: 'kubernetes',
      names: ['backend'],
      kind: 'BackOff',
      object: 'Pod todo/pod-a',
      warning: true,
      text: 'Back-off restarting failed container',
      count: 1,
    },
  ])
  tell('Pod', { type: 'DELETED', object: pod('pod-a') })
  tell('Event', added(event('killing', 'pod-a', { type: 'Normal', reason: 'Killing' })))
  expect(all().map(({ id }) => id)).toEqual(['late', 'killing'])
})

test('an event that happens again is told again, with its count; the same one after another list is not', () => {
  const { happened, tell, all } = watched()
  happened.begin()
  tell('Pod', added(pod('pod-a')))
  tell('Event', added(event('one', 'pod-a')))
  tell('Event', { type: 'SYNCED', objects: [event('one', 'pod-a')] })
  const series = { count: 7, lastObservedTime: '2026-11-29T12:05:00.000000Z' }
  const metadata = { ...event('one', 'pod-a').metadata, resourceVersion: '2' }
  tell('Event', { type: 'MODIFIED', object: event('one', 'pod-a', { series, metadata }) })
  expect(all().map(({ id, count, time }) => [id, count, time])).toEqual([
    ['one', 1, '2026-11-29T12:00:00Z'],
    ['one', 7, '2026-11-29T12:05:00.000000Z'],
  ])
})

test('events of nodes concern everyone; those of presets and externals have their names', () => {
  const { happened, tell, all } = watched()
  happened.begin()
  tell('Pod', added(pod('pod-p', { [labels.preset]: 'ingress' })))
  tell('Pod', added(pod('pod-e', { [labels.external]: 'postgres' })))
  const involvedObject = { kind: 'Node', name: 'worker', uid: 'worker' }
  tell(
    'Event',
    added(event('node', 'worker', { involvedObject, metadata: { name: 'n', namespace: 'default', uid: 'n' } })),
  )
  tell('Event', added(event('p', 'pod-p')))
  tell('Event', added(event('e', 'pod-e')))
  expect(all().map(({ object, names }) => [object, names])).toEqual([
    ['Node worker', []],
    ['Pod todo/pod-p', ['ingress']],
    ['Pod todo/pod-e', ['postgres']],
  ])
})

test('another cluster is watched in place of the one before', async () => {
  const { happened, watches, project, open } = watched()
  happened.begin()
  const [first] = watches
  project.set(undefined)
  await expect.poll(() => first?.signal.aborted).toBe(true)
  project.set(open())
  await expect.poll(() => watches.filter(({ kind }) => kind === 'Event').length).toBe(2)
})
