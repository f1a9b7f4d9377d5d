import { setImmediate as turn } from 'node:timers/promises'
import type { Compiled } from '../../../src/loop/compile.ts'
import type { ServiceAction } from '../../../src/loop/decide.ts'
import type { SessionEvent } from '../../../src/loop/events.ts'
import type { BrokenContainer, PodTracker } from '../../../src/loop/pods.ts'
import type { StepTime } from '../../../src/loop/save-time.ts'
import { type ServiceLoopDeps, serviceLoop } from '../../../src/loop/service-loop.ts'
import type { SyncCommand, Syncer, SyncFile, SyncTarget } from '../../../src/sync/syncer.ts'

/** A running container of the service. */
export const target = (containerId: string): SyncTarget => ({
  service: 'backend',
  pod: { namespace: 'todo', name: `pod-${containerId}` },
  container: 'main',
  containerId,
  node: 'node',
})
/** A container in back-off. */
export const broken = (containerId: string): BrokenContainer => ({
  pod: { namespace: 'todo', name: `pod-${containerId}`, uid: `uid-${containerId}` },
  container: 'main',
  restarts: 1,
  containerId,
  exitCode: 1,
  reason: 'CrashLoopBackOff',
  replaceable: true,
})
/** The save of a file that is synced, and that these commands follow. */
export const save = (name: string, ...run: readonly SyncCommand[]): ServiceAction => ({
  service: 'backend',
  action: 'sync',
  files: [{ kind: 'write', from: `/src/${name}`, to: `/app/${name}`, ...(run.length > 0 ? { run } : {}) }],
})
/** The save of a file that is compiled on this machine. */
export const compile = (...run: readonly SyncCommand[]): ServiceAction => ({
  service: 'backend',
  action: 'sync',
  files: [],
  compile: run,
})
/** A command of a sync rule. */
export const command = (text: string, place = 1, timeoutMs = 60_000): SyncCommand => ({
  argv: [text],
  text,
  place,
  timeoutMs,
})
/** A change that needs a new image. */
export const change = (reason: string, files: readonly SyncFile[] = []): ServiceAction => ({
  service: 'backend',
  action: 'rebuild',
  reason,
  ignoreChanged: false,
  files,
})

/** The loop of one service, with pods and builds that the test controls. */
export function startLoop() {
  const sends: (files: readonly SyncFile[]) => void = () => {}
  const commands: (argv: readonly string[], signal: AbortSignal) => Promise<Ran> = async () => succeeded
  const state = { running: [] as SyncTarget[], broken: [] as BrokenContainer[], refuses: false, sends, commands }
  const log: string[] = []
  const events: SessionEvent[] = []
  const builds: { resolve: (stages: StepTime[]) => void; reject: (error: Error) => void; signal: AbortSignal }[] = []
  const compiles: { resolve: (compiled: Compiled) => void; all: boolean; signal: AbortSignal }[] = []
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
      async run({ containerId }, argv, signal) {
        log.push(`${containerId} runs ${argv.join(' ')}`)
        return state.commands(argv, signal)
      },
      compile: (_service, all, signal) =>
        new Promise((resolve, reject) => {
          compiles.push({ resolve, all, signal })
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        }),
      rebuild: (_service, signal) =>
        new Promise((resolve, reject) => {
          builds.push({ resolve, reject, signal })
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        }),
      async deletePod(pod) {
        log.push(`deletes ${pod.name}`)
      },
      report(event) {
        events.push(event)
        log.push(textOf(event))
      },
    },
    done.signal,
  )
  const settle = async () => {
    for (let i = 0; i < 10; i += 1) await turn()
  }
  return { state, log, events, builds, compiles, loop, settle }
}

type Ran = Awaited<ReturnType<ServiceLoopDeps['run']>>
const succeeded: Ran = { exitCode: 0, output: '' }

function textOf(event: SessionEvent): string {
  if (event.type === 'synced') return `synced${event.again ? ' again' : ''}: ${event.files.join(' ')}`
  if (event.type === 'ran') return `ran ${event.command}${event.problem ? `, which ${event.problem}` : ''}`
  if (event.type === 'compiled') return `compiled${event.problem ? `: ${event.problem}` : ''}`
  if (event.type === 'rebuilding') return `rebuilding: ${event.reason}`
  if (event.type === 'failed') return `failed ${event.during}: ${(event.error as Error).message}`
  if (event.type === 'crashed') return `crashed${event.afterSync ? ' after sync' : ''}`
  return event.type
}
