import { setImmediate as turn } from 'node:timers/promises'
import { ignoreRules } from '../../../src/images/build/ignore.ts'
import type { LoopControl } from '../../../src/loop/control.ts'
import type { WatchedService } from '../../../src/loop/decide.ts'
import type { SessionEvent } from '../../../src/loop/events.ts'
import type { BatchTimes } from '../../../src/loop/save-time.ts'
import { type FailedBuild, runSession } from '../../../src/loop/session.ts'
import type { Change, Saved } from '../../../src/watch/changes.ts'

const container = { pod: { namespace: 'n', name: 'p' }, container: 'main', containerId: 'c', node: 'node' }
const service = (name: string, { synced, manual }: Kinds): WatchedService => ({
  name,
  manual: manual.includes(name),
  context: `/p/${name}`,
  dockerfile: `/p/${name}/Dockerfile`,
  ignore: ignoreRules(''),
  unwatched: ignoreRules(''),
  rebuilds: () => false,
  sync: synced.includes(name) ? [{ from: `/p/${name}`, to: '/app', exclude: ignoreRules(''), unbuilt: false }] : [],
})

/** The services that are synced, and those with `trigger: manual`. */
interface Kinds {
  readonly synced: readonly string[]
  readonly manual: readonly string[]
}

/** A session whose saves the test makes. Its redeploys end with `outcomes`, in order. */
export async function startSession(
  outcomes: readonly (Error | undefined)[],
  synced: readonly string[] = [],
  manual: readonly string[] = [],
) {
  const log: string[] = []
  const events: SessionEvent[] = []
  let control: LoopControl | undefined
  const results = [...outcomes]
  let podChanges: (service: string) => void = () => {}
  let batch: (changes: readonly Change[], saved: readonly Saved[], times: BatchTimes) => void = () => {}
  const times = () => {
    const now = performance.now()
    return { seen: now - 20, settled: now - 5 }
  }
  const settle = async () => {
    for (let i = 0; i < 20; i += 1) await turn()
  }
  const state = {
    failed: [] as FailedBuild[],
    held: [] as string[][],
    prepared: [] as string[],
    synced,
    manual,
    sent: [] as string[],
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
      compile: async () => ({ problem: 'no compiler', output: '', files: [] }),
      services: async () => state.services.map((name) => service(name, state)),
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
        async send({ service: name }, files) {
          state.sent.push(`${name} ${files.map(({ kind, to }) => `${kind} ${to}`).join(' ')}`)
          return { files: 1, bytes: 1, ms: 1, sentMs: 0 }
        },
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
      onControl(given) {
        control = given
      },
      report(event) {
        log.push(textOf(event))
        events.push(event)
      },
    },
    done.signal,
  )
  await turn()
  log.length = 0
  return {
    log,
    events,
    state,
    control: () => control as LoopControl,
    podChanges: (name: string) => podChanges(name),
    async savesAgain(path: string) {
      batch([], [{ path, before: 1, after: 2 }], times())
      await settle()
    },
    async saves(...paths: string[]) {
      batch(
        paths.map((path) => ({ path, kind: 'changed' })),
        [],
        times(),
      )
      await settle()
    },
    async deletes(path: string) {
      batch([{ path, kind: 'deleted' }], [], times())
      await settle()
    },
    settle,
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
