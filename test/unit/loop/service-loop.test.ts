import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ServiceAction } from '../../../src/loop/decide.ts'
import type { SessionEvent, StepTime } from '../../../src/loop/events.ts'
import type { BrokenContainer, PodTracker } from '../../../src/loop/pods.ts'
import { serviceLoop } from '../../../src/loop/service-loop.ts'
import type { Syncer, SyncFile, SyncTarget } from '../../../src/sync/syncer.ts'

const target = (containerId: string): SyncTarget => ({
  service: 'backend',
  pod: { namespace: 'todo', name: `pod-${containerId}` },
  container: 'main',
  containerId,
  node: 'node',
})
const broken = (containerId: string): BrokenContainer => ({
  pod: { namespace: 'todo', name: `pod-${containerId}`, uid: `uid-${containerId}` },
  container: 'main',
  restarts: 1,
  containerId,
  exitCode: 1,
  reason: 'CrashLoopBackOff',
  replaceable: true,
})
const save = (name: string): ServiceAction => ({
  service: 'backend',
  action: 'sync',
  files: [{ kind: 'write', from: `/src/${name}`, to: `/app/${name}` }],
})
const change = (reason: string, files: readonly SyncFile[] = []): ServiceAction => ({
  service: 'backend',
  action: 'rebuild',
  reason,
  ignoreChanged: false,
  files,
})

/** The loop of one service, with pods and builds that the test controls. */
function start() {
  const sends: (files: readonly SyncFile[]) => void = () => {}
  const state = { running: [] as SyncTarget[], broken: [] as BrokenContainer[], refuses: false, sends }
  const log: string[] = []
  const builds: { resolve: (stages: StepTime[]) => void; reject: (error: Error) => void; signal: AbortSignal }[] = []
  const pods: PodTracker = {
    newestReady: () => undefined,
    running: () => state.running,
    broken: () => state.broken,
    subscribe: () => () => {},
  }
  const syncer: Syncer = {
    async send({ containerId }, files) {
      log.push(`${containerId} gets ${files.map((file) => file.to).join(' ')}`)
      state.sends(files)
      if (state.refuses) throw new Error('read-only')
      return { files: files.length, bytes: 0, ms: 0 }
    },
  }
  const done = new AbortController()
  const loop = serviceLoop(
    'backend',
    {
      pods,
      syncer,
      rebuild: (_service, signal) =>
        new Promise((resolve, reject) => {
          builds.push({ resolve, reject, signal })
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        }),
      async deletePod(pod) {
        log.push(`deletes ${pod.name}`)
      },
      report: (event) => log.push(textOf(event)),
    },
    done.signal,
  )
  const settle = async () => {
    for (let i = 0; i < 10; i += 1) await turn()
  }
  return { state, log, builds, loop, settle }
}

function textOf(event: SessionEvent): string {
  if (event.type === 'synced') return `synced${event.again ? ' again' : ''}: ${event.files.join(' ')}`
  if (event.type === 'rebuilding') return `rebuilding: ${event.reason}`
  if (event.type === 'failed') return `failed ${event.during}: ${(event.error as Error).message}`
  if (event.type === 'crashed') return `crashed${event.afterSync ? ' after sync' : ''}`
  return event.type
}

test('a save reaches every running container', async () => {
  const { state, log, loop, settle } = start()
  state.running = [target('1'), target('2')]
  loop.podsChanged()
  await settle()
  loop.act(save('a'))
  await settle()
  expect(log).toEqual(['1 gets /app/a', '2 gets /app/a', 'synced: /app/a'])
})

test('a new container gets all files that were saved since the build', async () => {
  const { state, log, loop, settle } = start()
  state.running = [target('1')]
  loop.podsChanged()
  loop.act(save('a'))
  await settle()
  loop.act(save('b'))
  await settle()
  log.length = 0
  state.running = [target('2')]
  loop.podsChanged()
  await settle()
  expect(log).toEqual(['2 gets /app/a /app/b', 'synced again: /app/a /app/b'])
})

test('after a build the new container gets only the files that were saved during it', async () => {
  const { state, log, builds, loop, settle } = start()
  state.running = [target('1')]
  loop.act(save('a'))
  await settle()
  loop.act(change('package.json changed'))
  await settle()
  loop.act(save('b'))
  await settle()
  state.running = [target('2')]
  builds[0]?.resolve([])
  await settle()
  loop.podsChanged()
  await settle()
  expect(log).toEqual([
    '1 gets /app/a',
    'synced: /app/a',
    'rebuilding: package.json changed',
    '1 gets /app/b',
    'synced: /app/b',
    'ready',
    '2 gets /app/b',
    'synced again: /app/b',
  ])
})

test('a newer change cancels a build', async () => {
  const { log, builds, loop, settle } = start()
  loop.act(change('one'))
  await settle()
  loop.act(change('two'))
  await settle()
  expect(builds.map((build) => build.signal.aborted)).toEqual([true, false])
  builds[1]?.resolve([])
  await settle()
  expect(log).toEqual(['rebuilding: one', 'rebuilding: two', 'ready'])
})

test('after a failed build any save builds again', async () => {
  const { log, builds, loop, settle } = start()
  loop.act(change('Dockerfile changed'))
  await settle()
  builds[0]?.reject(new Error('no such package'))
  await settle()
  loop.act(save('a'))
  await settle()
  builds[1]?.resolve([])
  await settle()
  expect(log).toEqual([
    'rebuilding: Dockerfile changed',
    'failed rebuild: no such package',
    'rebuilding: Dockerfile changed',
    'ready',
  ])
})

test('a save deletes a pod in back-off, and the new pod gets the files', async () => {
  const { state, log, loop, settle } = start()
  state.broken = [broken('1')]
  loop.podsChanged()
  await settle()
  loop.act(save('a'))
  await settle()
  state.broken = []
  state.running = [target('2')]
  loop.podsChanged()
  await settle()
  expect(log).toEqual(['crashed', 'restarting', 'deletes pod-1', '2 gets /app/a', 'synced: /app/a'])
})

test('when the new pod crashes before it gets the files, the image is built', async () => {
  const { state, log, loop, settle } = start()
  state.broken = [broken('1')]
  loop.podsChanged()
  loop.act(save('a'))
  await settle()
  state.broken = [broken('2')]
  loop.podsChanged()
  await settle()
  expect(log.slice(-2)).toEqual(['crashed', 'rebuilding: the container crashed before the files reached it'])
})

test('a crash is reported once, and does not build by itself', async () => {
  const { state, log, builds, loop, settle } = start()
  state.broken = [broken('1')]
  loop.podsChanged()
  loop.podsChanged()
  await settle()
  expect(log).toEqual(['crashed'])
  expect(builds).toEqual([])
})

test('a container that got files and ends has crashed after the sync', async () => {
  const { state, log, loop, settle } = start()
  state.running = [target('1')]
  loop.act(save('a'))
  await settle()
  state.running = []
  state.broken = [broken('1')]
  loop.podsChanged()
  await settle()
  expect(log.at(-1)).toBe('crashed after sync')
})

test('a container that starts during a build gets the newest state of every file, not an older deletion', async () => {
  const { state, log, loop, settle } = start()
  loop.act({ service: 'backend', action: 'sync', files: [{ kind: 'delete', to: '/app/a', directory: false }] })
  loop.act(change('package.json changed', [{ kind: 'write', from: '/src/a', to: '/app/a' }]))
  await settle()
  log.length = 0
  state.running = [target('2')]
  const sent: (readonly SyncFile[])[] = []
  state.sends = (files) => void sent.push(files)
  loop.podsChanged()
  await settle()
  expect(sent).toEqual([[{ kind: 'write', from: '/src/a', to: '/app/a' }]])
})

test('saving again without a change tries a failed build again, and nothing else', async () => {
  const { log, builds, loop, settle } = start()
  loop.retry()
  await settle()
  expect(builds).toEqual([])
  loop.act(change('Dockerfile changed'))
  await settle()
  builds[0]?.reject(new Error('no such package'))
  await settle()
  loop.retry()
  await settle()
  builds[1]?.resolve([])
  await settle()
  loop.retry()
  await settle()
  expect(log).toEqual([
    'rebuilding: Dockerfile changed',
    'failed rebuild: no such package',
    'rebuilding: Dockerfile changed',
    'ready',
  ])
})

test('saving again without a change tries a failed sync again', async () => {
  const { state, log, loop, settle } = start()
  state.running = [target('1')]
  state.refuses = true
  loop.act(save('a'))
  await settle()
  state.refuses = false
  loop.podsChanged()
  await settle()
  expect(log).toEqual(['1 gets /app/a', 'failed sync: read-only'])
  loop.retry()
  await settle()
  expect(log.slice(2)).toEqual(['1 gets /app/a', 'synced: /app/a'])
})

test('a file that a container does not take is told once and left out, and all others arrive', async () => {
  const { state, log, loop, settle } = start()
  state.running = [target('1')]
  state.sends = (files) => {
    if (files.some(({ to }) => to === '/app/bad')) throw new Error('bad is unreadable')
  }
  const names = ['a', 'bad', 'b', 'c']
  const files = names.map((name) => ({ kind: 'write' as const, from: `/src/${name}`, to: `/app/${name}` }))
  loop.act({ service: 'backend', action: 'sync', files })
  await settle()
  expect(log.filter((line) => !line.startsWith('1 gets'))).toEqual([
    'failed sync: bad is unreadable',
    'synced: /app/a /app/b /app/c',
  ])
  log.length = 0
  loop.act(save('d'))
  await settle()
  expect(log).toEqual(['1 gets /app/d', 'synced: /app/d'])
  log.length = 0
  state.running = [target('2')]
  loop.podsChanged()
  await settle()
  expect(log.filter((line) => !line.startsWith('2 gets'))).toEqual(['synced again: /app/a /app/b /app/c /app/d'])
})

test('a lone file that fails does not block the next save', async () => {
  const { state, log, loop, settle } = start()
  state.running = [target('1')]
  state.sends = (files) => {
    if (files.some(({ to }) => to === '/app/bad')) throw new Error('bad is unreadable')
  }
  loop.act(save('bad'))
  await settle()
  loop.act(save('a'))
  await settle()
  expect(log.filter((line) => !line.startsWith('1 gets'))).toEqual(['failed sync: bad is unreadable', 'synced: /app/a'])
  // Made readable, and saved again without a change.
  state.sends = () => {}
  log.length = 0
  loop.retry()
  await settle()
  expect(log).toEqual(['1 gets /app/bad', 'synced: /app/bad'])
})

test('a container that takes no file at all is given up until the next save', async () => {
  const { state, log, loop, settle } = start()
  state.running = [target('1')]
  state.refuses = true
  loop.act(save('a'))
  await settle()
  loop.act(save('b'))
  await settle()
  state.refuses = false
  loop.act(save('c'))
  await settle()
  expect(log.at(-1)).toBe('synced: /app/a /app/b /app/c')
})
