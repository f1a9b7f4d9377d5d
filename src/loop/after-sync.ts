import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { duration, messageOf } from '../lib/text.ts'
import type { SyncCommand, SyncFile, SyncTarget } from '../sync/syncer.ts'
import type { SessionEvent } from './events.ts'
import type { PodTracker } from './pods.ts'
import { type MarkedSave, marked, timeOf } from './save-time.ts'

/** Runs a command in a container; resolves with its exit code and the end of its output. */
export type RunInContainer = (
  target: SyncTarget,
  argv: readonly string[],
  signal: AbortSignal,
) => Promise<{ readonly exitCode: number; readonly output: string }>

/** The service, and what runs commands in its containers. */
export interface AfterSyncDeps {
  readonly service: string
  readonly pods: Pick<PodTracker, 'running'>
  readonly run: RunInContainer
  readonly report: (event: SessionEvent) => void
}

/** The commands of the sync rules of a service. */
export interface AfterSync {
  /** A container received files. Their commands run in it, also those that failed there before. */
  arrived(target: SyncTarget, files: readonly SyncFile[], save?: MarkedSave): void
  /** Runs again what failed. */
  retry(): void
  /** Resolves when no command runs. */
  idle(): Promise<unknown>
}

/** The commands of one container. */
interface Work {
  readonly target: SyncTarget
  /** Those that have to run, by place. One that failed stays, and those behind it wait for it. */
  readonly due: Map<number, SyncCommand>
  /** Files arrived while a command ran. */
  more: boolean
  /** The save that the commands follow. */
  save: MarkedSave | undefined
  running: Promise<void> | undefined
}

/** The exit code of a killed process, and how long the API server may take to report that a container ended. */
const killed = 137
const noticeMs = 2000

/**
 * Runs the commands of sync rules, in each container for itself, in the order of the configuration. Files that arrive
 * meanwhile are not held back: their commands run once more afterwards.
 */
export function afterSync(deps: AfterSyncDeps, signal: AbortSignal): AfterSync {
  const { service, pods, report } = deps
  const containers = new Map<string, Work>()
  const isRunning = ({ containerId }: SyncTarget) =>
    pods.running(service).some((other) => other.containerId === containerId)

  const runAll = async (work: Work) => {
    // The sync is reported first.
    await turn()
    for (;;) {
      const next = [...work.due.values()].sort((a, b) => a.place - b.place)[0]
      if (next === undefined || signal.aborted) return
      // A save while it runs makes it due again.
      work.due.delete(next.place)
      work.more = false
      const result = await runOne(work, next)
      if (result === 'gone') return void containers.delete(work.target.containerId)
      if (result === 'ran') continue
      if (!work.due.has(next.place)) work.due.set(next.place, next)
      if (work.more) continue
      work.save = undefined
      return
    }
  }

  const runOne = async (work: Work, command: SyncCommand): Promise<'ran' | 'failed' | 'gone'> => {
    const { target, save } = work
    const began = performance.now()
    const about = { service, pod: target.pod.name, command: command.text }
    report({ type: 'running', ...about })
    const ran = await limited(deps.run, target, command, signal)
    if (signal.aborted) return 'failed'
    if (ran.exitCode === killed) await sleep(noticeMs, undefined, { signal }).catch(() => {})
    // The successor of a container that ended gets the files, and with them the commands.
    if (ran.problem !== undefined && !isRunning(target)) return 'gone'
    const now = performance.now()
    const after = save && ran.problem === undefined && marked(save, command.restarts ? 'restarted' : 'run', now)
    // A save that came meanwhile has times of its own.
    if (after && work.save === save) work.save = after
    const { problem, output } = ran
    report({ type: 'ran', ...about, problem, output, ms: now - began, ...(after ? { save: timeOf(after) } : {}) })
    return ran.problem === undefined ? 'ran' : 'failed'
  }

  const start = (work: Work) => {
    work.running ??= runAll(work).finally(() => {
      work.running = undefined
    })
  }

  return {
    arrived(target, files, save) {
      const commands = files.flatMap(({ run = [] }) => run)
      if (commands.length === 0) return
      for (const work of containers.values()) {
        if (!isRunning(work.target)) containers.delete(work.target.containerId)
      }
      const none = { target, due: new Map(), more: false, save: undefined, running: undefined }
      const work: Work = containers.get(target.containerId) ?? none
      containers.set(target.containerId, work)
      for (const command of commands) work.due.set(command.place, command)
      work.more = true
      work.save = save
      start(work)
    },
    retry() {
      for (const work of containers.values()) start(work)
    },
    idle: () => Promise.all([...containers.values()].map(({ running }) => running)),
  }
}

interface Ran {
  readonly exitCode?: number
  readonly output: string
  /** Why it did not succeed. */
  readonly problem: string | undefined
}

async function limited(
  run: RunInContainer,
  target: SyncTarget,
  { argv, timeoutMs }: SyncCommand,
  signal: AbortSignal,
): Promise<Ran> {
  const late = AbortSignal.timeout(timeoutMs)
  try {
    const { exitCode, output } = await run(target, argv, AbortSignal.any([signal, late]))
    return { exitCode, output, problem: exitCode === 0 ? undefined : `failed with exit code ${exitCode}` }
  } catch (error) {
    // Kubernetes has no call that ends a command.
    const left = `did not end within ${duration(timeoutMs)}, and may still run in the container`
    const message = messageOf(error)
    return { output: '', problem: late.aborted ? left : `could not run: ${message}` }
  }
}
