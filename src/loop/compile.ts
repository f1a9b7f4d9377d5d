import { latestOnly } from '../lib/latest.ts'
import { messageOf } from '../lib/text.ts'
import type { SyncCommand, SyncFile } from '../sync/syncer.ts'
import type { SessionEvent } from './events.ts'
import { type MarkedSave, marked, timeOf } from './save-time.ts'

/** What came of a build on this machine. */
export interface Compiled {
  /** Why nothing is sent. */
  readonly problem: string | undefined
  /** The end of what the compiler wrote. */
  readonly output: string
  /** The outputs that changed. */
  readonly files: readonly SyncFile[]
}

/** The service, and what compiles it. */
export interface CompilingDeps {
  readonly service: string
  /** `all`: of the outputs, those that did not change count too. Throws when its signal is aborted. */
  readonly compile: (service: string, all: boolean, signal: AbortSignal) => Promise<Compiled>
  readonly report: (event: SessionEvent) => void
  /** Called with outputs to send. */
  readonly onOutputs: (files: readonly SyncFile[], save: MarkedSave | undefined) => void
}

/** The builds of one service on this machine. */
export interface Compiling {
  /** Compiles what is saved now. `run`: the commands for a container that got outputs. A run before it is cancelled. */
  start(run: readonly SyncCommand[], save?: MarkedSave): void
  /** Compiles again if the newest run failed. */
  retry(save?: MarkedSave): void
  /** Cancels a run: an image with what was saved is on its way. */
  cancel(): void
  /** New containers have what the image has: the next run sends all outputs. */
  rebuilt(): void
  /** Resolves when no run is left. */
  idle(): Promise<unknown>
}

/** Creates the builds of a service. */
export function compiling(deps: CompilingDeps, signal: AbortSignal): Compiling {
  const { service, report } = deps
  let given: { readonly run: readonly SyncCommand[]; readonly save: MarkedSave | undefined } | undefined
  let isFailed = false
  /** Containers may lack what earlier runs made. */
  let all = false
  let cancelled = new AbortController()
  let work: Promise<unknown> = Promise.resolve()

  const compileNewest = latestOnly(async (overtaken) => {
    const either = AbortSignal.any([signal, overtaken, cancelled.signal])
    if (either.aborted || given === undefined) return
    const { run, save } = given
    report({ type: 'compiling', service, ...(save ? { save: timeOf(save) } : {}) })
    const began = performance.now()
    const failed = (error: unknown): Compiled => ({ problem: messageOf(error), output: '', files: [] })
    const wanted = all
    all = false
    const compiled = await deps.compile(service, wanted, either).catch(failed)
    if (either.aborted) {
      // Its outputs may be taken for known.
      all = true
      return
    }
    if (compiled.problem !== undefined) all ||= wanted
    const now = performance.now()
    const after = save && marked(save, 'compiled', now)
    const { problem, output, files } = compiled
    isFailed = problem !== undefined
    const times = after ? { save: timeOf(after) } : {}
    report({ type: 'compiled', service, problem, output, outputs: files.length, ms: now - began, ...times })
    if (files.length > 0) deps.onOutputs(run.length === 0 ? files : files.map((file) => ({ ...file, run })), after)
  })

  const start: Compiling['start'] = (run, save) => {
    given = { run, save }
    cancelled = new AbortController()
    work = Promise.all([work, compileNewest()])
  }
  return {
    start,
    retry(save) {
      if (isFailed && given !== undefined) start(given.run, save)
    },
    cancel() {
      isFailed = false
      cancelled.abort()
    },
    rebuilt() {
      all = true
    },
    idle: () => work,
  }
}
