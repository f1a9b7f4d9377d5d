import { expect, onTestFinished, test } from 'vitest'
import type { UiState } from '../../../../src/commands/ui/api.ts'
import { recordedOf } from '../../../../src/commands/ui/changes.ts'
import { observe, type Sources } from '../../../../src/commands/ui/observe.ts'
import { DevkError } from '../../../../src/errors.ts'
import type { WatchEvent } from '../../../../src/kube/api.ts'
import type { OpenProject } from '../../../../src/project/open.ts'
import type { ProjectRecord } from '../../../../src/state/projects.ts'
import { entry, todo } from '../../../browser/support/states.ts'

const record: ProjectRecord = {
  name: 'todo',
  root: '/todo',
  configFile: '/todo/platform.config.ts',
  profile: undefined,
  cluster: { provider: 'kind', name: 'kind-todo', context: 'kind-todo', uid: 'first' },
  namespace: 'todo',
  services: [{ name: 'backend', workload: 'Deployment/backend', namespace: 'todo', url: undefined }],
  externals: [],
  presets: [],
  forwards: [],
}
const report = todo.report as NonNullable<UiState['report']>
const ready = { ...report, services: [entry('backend')] }
const failed = { ...report, services: [entry('backend', { state: 'failed', reason: 'it crashed' })] }
const quick = { least: 1, most: 5, away: 1, patience: 1000 }
const refused = () => Promise.reject(new DevkError('KUBE_API', 'connection refused'))

/** Observes a cluster that the test plays, until the end of the test. */
function observed(sources: Partial<Sources>, pace = quick) {
  const stop = new AbortController()
  const watches: { readonly signal: AbortSignal; readonly change: (event: WatchEvent) => void }[] = []
  let opened = 0
  const open = async (): Promise<OpenProject> => {
    opened += 1
    const kube = {
      watch: async (_kind: object, { signal }: { signal: AbortSignal }, change: (event: WatchEvent) => void) => {
        watches.push({ signal, change })
      },
    }
    const of = (await sources.record?.()) ?? record
    return { record: of, kube, kubeconfig: '/kubeconfig', streams: {} } as unknown as OpenProject
  }
  const first: UiState = {
    ...todo,
    cluster: { ...todo.cluster, state: 'connecting' },
    recorded: recordedOf(record),
    report: null,
  }
  const all: Sources = {
    record: async () => record,
    open,
    status: async () => ready,
    usage: async () => null,
    now: () => Date.parse('2026-11-29T12:00:00Z'),
    ...sources,
  }
  const seen = observe(first, all, stop.signal, pace)
  onTestFinished(async () => {
    stop.abort()
    await seen.done
  })
  return { ...seen, watches, opened: () => opened, stop }
}

const news = ({ changes }: ReturnType<typeof observed>) =>
  changes.after(0, 100).items.map(({ item }) => `${item.kind} ${item.name} ${item.from} → ${item.to}`)

test('the state is what status reports, and each change is listed once', async () => {
  let now = ready
  const seen = observed({ status: async () => now })
  await expect.poll(() => seen.state.get().report).toBe(ready)
  expect(seen.state.get().cluster).toMatchObject({ state: 'connected', reason: null })
  now = failed
  await expect.poll(() => seen.state.get().report).toBe(failed)
  expect(news(seen).filter((each) => !each.includes('null'))).toEqual([
    'cluster kind-todo connecting → connected',
    'service backend ready → failed',
  ])
})

test('a cluster that goes away keeps its last report, says since when and why, and comes back', async () => {
  let away = false
  const seen = observed({ status: () => (away ? refused() : Promise.resolve(ready)) })
  await expect.poll(() => seen.state.get().cluster.state).toBe('connected')
  away = true
  await expect.poll(() => seen.state.get().cluster.state).toBe('away')
  const gone = seen.state.get()
  expect([gone.report, gone.cluster.reason, gone.cluster.since]).toEqual([
    ready,
    'connection refused.',
    '2026-11-29T12:00:00.000Z',
  ])
  away = false
  await expect.poll(() => seen.state.get().cluster.state).toBe('connected')
})

test('the page begins while the cluster is away', async () => {
  const seen = observed({ open: refused })
  await expect.poll(() => seen.state.get().cluster.state).toBe('away')
  expect(seen.state.get().report).toBeNull()
  expect(seen.state.get().recorded.services.map(({ name }) => name)).toEqual(['backend'])
})

test('a cluster that does not answer is away', async () => {
  const seen = observed({ status: () => new Promise(() => {}) }, { ...quick, patience: 20 })
  await expect.poll(() => seen.state.get().cluster.reason).toBe('It does not answer.')
})

test('after down the page says so, and after another up it shows the new cluster', async () => {
  let now: ProjectRecord | undefined = record
  const seen = observed({ record: async () => now })
  await expect.poll(() => seen.watches.length).toBeGreaterThan(0)
  const [old] = seen.watches
  now = undefined
  await expect.poll(() => seen.state.get().cluster.reason).toBe('The stack is not up. Run devk up.')
  now = { ...record, cluster: { ...record.cluster, uid: 'second' }, externals: ['postgres'] }
  await expect.poll(() => seen.state.get().recorded.externals).toEqual(['postgres'])
  expect(seen.project.get()?.record.cluster.uid).toBe('second')
  expect(old?.signal.aborted).toBe(true)
})

test('one connection serves for as long as it answers', async () => {
  let readings = 0
  const seen = observed({
    status: async () => {
      readings += 1
      return ready
    },
  })
  await expect.poll(() => readings).toBeGreaterThan(4)
  expect(seen.opened()).toBe(1)
})

test('a change that a watch reports is read at once, even when it comes during a reading', async () => {
  let readings = 0
  const first = Promise.withResolvers<void>()
  const seen = observed(
    {
      status: async () => {
        readings += 1
        if (readings === 1) await first.promise
        return ready
      },
    },
    { ...quick, most: 3_600_000 },
  )
  await expect.poll(() => readings).toBe(1)
  for (const { change } of seen.watches) change({ type: 'SYNCED', objects: [] })
  first.resolve()
  await expect.poll(() => readings).toBe(2)
  seen.watches[0]?.change({ type: 'SYNCED', objects: [] })
  await expect.poll(() => readings).toBe(3)
})
