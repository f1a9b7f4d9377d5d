import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ignoreRules } from '../../../src/images/build/ignore.ts'
import type { WatchedService } from '../../../src/loop/decide.ts'
import type { SessionEvent } from '../../../src/loop/events.ts'
import { type FailedBuild, runSession } from '../../../src/loop/session.ts'
import type { Change, Saved } from '../../../src/watch/changes.ts'

const container = { pod: { namespace: 'n', name: 'p' }, container: 'main', containerId: 'c', node: 'node' }
const service = (name: string, synced: readonly string[] = []): WatchedService => ({
  name,
  context: `/p/${name}`,
  dockerfile: `/p/${name}/Dockerfile`,
  ignore: ignoreRules(''),
  unwatched: ignoreRules(''),
  rebuilds: () => false,
  sync: synced.includes(name) ? [{ from: `/p/${name}`, to: '/app', exclude: ignoreRules(''), unbuilt: false }] : [],
})

/** A session whose saves the test makes. Its redeploys end with `outcomes`, in order. */
async function start(outcomes: readonly (Error | undefined)[], synced: readonly string[] = []) {
  const log: string[] = []
  const results = [...outcomes]
  let podChanges: (service: string) => void = () => {}
  let batch: (changes: readonly Change[], saved: readonly Saved[]) => void = () => {}
  const state = {
    failed: [] as FailedBuild[],
    held: [] as string[][],
    prepared: [] as string[],
    synced,
    services: ['api', 'web'],
    roots: ['/p/k8s'],
    config: { services: ['api', 'web'], lasting: [] as string[] } as Error | { services: string[]; lasting: string[] },
  }
  const done = new AbortController()
  const session = runSession(
    {
      reread: async () => {
        if (state.config instanceof Error) throw state.config
        state.services = state.config.services
        return state.config.lasting
      },
      services: async () => state.services.map((name) => service(name, state.synced)),
      inputs: async () => {
        const { roots } = state
        return { roots, reads: (path) => roots.some((root) => path.startsWith(root)), mayReadBelow: () => true }
      },
      listings: [],
      since: 0,
      now: () => 0,
      pods: {
        newestReady: () => undefined,
        running: (name) => [{ ...container, service: name }],
        broken: () => [],
        subscribe: (onChange) => {
          podChanges = onChange
          return () => {}
        },
      },
      syncer: {
        prepare: ({ service: name }) => void state.prepared.push(name),
        send: async () => ({ files: 1, bytes: 1, ms: 1 }),
      },
      run: async () => ({ exitCode: 0, output: '' }),
      async rebuild(name) {
        log.push(`builds ${name}`)
        return []
      },
      async redeploy(held) {
        state.held.push([...held])
        const error = results.shift()
        if (error !== undefined) throw error
        return state.failed
      },
      deletePod: async () => {},
      async watch({ onBatch }) {
        batch = onBatch
      },
      report: (event) => void log.push(textOf(event)),
    },
    done.signal,
  )
  await turn()
  log.length = 0
  return {
    log,
    state,
    podChanges: (name: string) => podChanges(name),
    async savesAgain(path: string) {
      batch([], [{ path, before: 1, after: 2 }])
      for (let i = 0; i < 20; i += 1) await turn()
    },
    async saves(path: string) {
      batch([{ path, kind: 'changed' }], [])
      for (let i = 0; i < 20; i += 1) await turn()
    },
    async end() {
      done.abort()
      await session
    },
  }
}

function textOf(event: SessionEvent): string {
  if (event.type === 'redeploying') return `redeploying: ${event.reason}`
  if (event.type === 'warning') return event.warning.message
  if (event.type === 'failed') return `failed ${event.during}: ${(event.error as Error).message}`
  return 'service' in event ? `${event.type} ${event.service}` : event.type
}

test('a save rebuilds its own service only, and a manifest applies the whole stack', async () => {
  const { log, saves, end } = await start([undefined])
  await saves('/p/api/main.py')
  expect(log).toEqual(['rebuilding api', 'builds api', 'ready api'])
  log.length = 0
  await saves('/p/k8s/api.yaml')
  expect(log).toEqual(['redeploying: api.yaml changed', 'redeployed'])
  await end()
})

test('a redeploy that failed is tried again with the next save of any service, until it succeeds', async () => {
  const { log, saves, end } = await start([new Error('no such Secret'), undefined])
  await saves('/p/k8s/api.yaml')
  expect(log).toEqual(['redeploying: api.yaml changed', 'failed redeploy: no such Secret'])
  log.length = 0
  await saves('/p/web/index.html')
  expect(log).toContain('redeploying: api.yaml changed')
  expect(log).toContain('redeployed')
  log.length = 0
  await saves('/p/web/index.html')
  expect(log).toEqual(['rebuilding web', 'builds web', 'ready web'])
  await end()
})

test('saving a file again without a change tries a failed redeploy again', async () => {
  const { log, saves, savesAgain, end } = await start([new Error('no such Secret'), undefined])
  await saves('/p/k8s/api.yaml')
  log.length = 0
  await savesAgain('/p/k8s/api.yaml')
  expect(log).toEqual(['redeploying: api.yaml changed', 'redeployed'])
  log.length = 0
  await savesAgain('/p/k8s/api.yaml')
  expect(log).toEqual([])
  await end()
})

test('a build that fails in a redeploy is reported under its own name, and saving again tries it again', async () => {
  const { log, state, saves, savesAgain, end } = await start([undefined])
  state.failed = [{ service: 'web', error: new Error('no such package') }]
  await saves('/p/k8s/api.yaml')
  expect(log).toEqual(['redeploying: api.yaml changed', 'failed rebuild: no such package', 'redeployed'])
  log.length = 0
  await savesAgain('/p/api/main.py')
  expect(log).toEqual([])
  await savesAgain('/p/web/main.py')
  expect(log).toEqual(['rebuilding web', 'builds web', 'ready web'])
  await end()
})

test('a changed configuration is read again: new services are handled, and what needs a new start is reported once', async () => {
  const { log, state, saves, end } = await start([undefined, undefined])
  state.config = { services: ['api', 'web', 'worker'], lasting: ['cluster'] }
  await saves('/p/k8s/platform.config.json')
  const told = 'The configuration changed, and devk has to start again to apply: cluster'
  expect(log).toEqual(['redeploying: platform.config.json changed', told, 'redeployed'])
  log.length = 0
  await saves('/p/worker/main.py')
  expect(log).toEqual(['rebuilding worker', 'builds worker', 'ready worker'])
  log.length = 0
  await saves('/p/k8s/platform.config.json')
  expect(log).toEqual(['redeploying: platform.config.json changed', 'redeployed'])
  await end()
})

test('a wrong configuration applies nothing', async () => {
  const { log, state, saves, end } = await start([undefined])
  state.config = new Error('services.api.sync must be a list')
  await saves('/p/k8s/platform.config.json')
  expect(log).toEqual([
    'redeploying: platform.config.json changed',
    'failed redeploy: services.api.sync must be a list',
  ])
  await end()
})

test('what a configuration with a mistake imports is watched', async () => {
  const { log, state, saves, end } = await start([undefined])
  state.config = new Error('/p/ports.ts does not exist')
  state.roots = ['/p/k8s', '/p/ports.ts']
  await saves('/p/k8s/platform.config.json')
  state.config = { services: ['api', 'web'], lasting: [] }
  log.length = 0
  await saves('/p/ports.ts')
  expect(log).toEqual(['redeploying: ports.ts changed', 'redeployed'])
  await end()
})

test('what writes files is started before the first save, for services that are synced', async () => {
  const { state, podChanges, end } = await start([], ['web'])
  expect(state.prepared).toEqual(['web'])
  podChanges('api')
  podChanges('web')
  expect(state.prepared).toEqual(['web', 'web'])
  await end()
})
