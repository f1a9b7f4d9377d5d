import type { Runner } from '../exec/runner.ts'
import type { WatchOptions } from '../watch/watch-tree.ts'
import { type Ending, startRun } from './one-run.ts'
import { watchedPaths } from './watched-paths.ts'

/** An entry of `locals`. */
export interface LocalProgram {
  readonly name: string
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Ports of this machine that it listens on. */
  readonly ports: readonly number[]
  /** Patterns of the files whose changes start it again; undefined: it is started again only after a crash. */
  readonly watch: readonly string[] | undefined
  /** Services and externals that must be ready first. */
  readonly needs: readonly string[]
}

/** What a program of this machine does. */
export interface LocalChange {
  readonly state: 'waiting' | 'running' | 'ended' | 'failed'
  /** Why; undefined when it runs for the first time. */
  readonly reason: string | undefined
  /** The last lines that it wrote, if it failed. */
  readonly output: string
}

/** What to watch, as `watchTree` takes it. */
export type Watching = Pick<WatchOptions, 'roots' | 'ignored' | 'onBatch' | 'since' | 'signal'>

/** What keeps programs running. */
export interface KeepRunningDeps {
  readonly runner: Pick<Runner, 'spawn'>
  /** Whether a service or external is ready. */
  ready(name: string): boolean
  /** Calls back whenever that may have changed. Returns the function that ends this. */
  subscribe(onChange: () => void): () => void
  /** Why a port cannot be listened on; undefined if it is free. */
  taken(port: number): Promise<string | undefined>
  /** Watches files, and resolves when it does; never rejects. undefined: nothing is watched. */
  readonly watch: ((options: Watching) => Promise<void>) | undefined
  /** The time that a file gets which changes now, ms; see `fileClock`. */
  now(): number
  /** The program waits until the line is written. */
  onLine(line: string): Promise<void>
  onChange(change: LocalChange): void
}

const keptLines = 20

/**
 * Starts a program when what it needs is ready, and again when a file is saved that it is made of. One that has ended
 * by itself stays so until the next save. Resolves when the signal is aborted and nothing of the program is left.
 */
export async function keepRunning(program: LocalProgram, deps: KeepRunningDeps, signal: AbortSignal): Promise<void> {
  await whenReady(program, deps, signal)
  const over = aborted(signal)
  const saves = savesOf(program, { deps, over }, signal)
  let reason: string | undefined
  while (!signal.aborted) {
    saves.forget()
    const last: string[] = []
    const ending = await runOnce(program, { deps, saves, signal, over, reason, last })
    if (signal.aborted) return
    if (ending !== undefined) {
      const output = ending.failed ? last.join('\n') : ''
      deps.onChange({ state: ending.failed ? 'failed' : 'ended', reason: ending.reason, output })
    }
    reason = await saves.next(ending?.failed === true)
  }
}

interface Running {
  readonly deps: KeepRunningDeps
  readonly saves: Saves
  readonly signal: AbortSignal
  /** Resolves when the signal is aborted. */
  readonly over: Promise<undefined>
  readonly reason: string | undefined
  /** Gets the last lines. */
  readonly last: string[]
}

/** Runs it once. Resolves with how it ended by itself; undefined if it was ended for a save or the signal. */
async function runOnce(
  { argv, cwd, env, ports }: LocalProgram,
  { deps, saves, signal, over, reason, last }: Running,
): Promise<Ending | undefined> {
  const asked = ports.map((port) => deps.taken(port).catch(() => undefined))
  const taken = (await Promise.all(asked)).find((owner) => owner !== undefined)
  if (signal.aborted) return undefined
  if (taken !== undefined) return { failed: true, reason: taken }
  const run = startRun(deps.runner, {
    argv,
    cwd,
    env,
    onLine(line) {
      last.push(line)
      if (last.length > keptLines) last.shift()
      return deps.onLine(line)
    },
  })
  deps.onChange({ state: 'running', reason, output: '' })
  const first = await Promise.race([run.ended, saves.saved(), over])
  if (first !== undefined && !signal.aborted) return first
  await run.end()
  return undefined
}

async function whenReady({ needs }: LocalProgram, deps: KeepRunningDeps, signal: AbortSignal): Promise<void> {
  const missing = () => needs.filter((name) => !deps.ready(name))
  let told = ''
  while (missing().length > 0 && !signal.aborted) {
    const reason = `waits for ${missing().join(', ')}`
    if (reason !== told) deps.onChange({ state: 'waiting', reason, output: '' })
    told = reason
    await new Promise<void>((done) => {
      const unsubscribe = deps.subscribe(() => end())
      const end = () => {
        unsubscribe()
        signal.removeEventListener('abort', end)
        done()
      }
      signal.addEventListener('abort', end, { once: true })
    })
  }
}

interface Saves {
  /** What was saved so far starts nothing. */
  forget(): void
  /** Resolves with undefined at a save that starts the program again. */
  saved(): Promise<undefined>
  /** Resolves with the file that was saved. `crashed`: without patterns, any file of the folder counts. */
  next(crashed: boolean): Promise<string | undefined>
}

/** The saves of the files of a program. Without patterns, they are watched only after a crash. */
function savesOf(
  { cwd, watch }: LocalProgram,
  { deps, over }: Pick<Running, 'deps' | 'over'>,
  signal: AbortSignal,
): Saves {
  let file: string | undefined
  let wake = Promise.withResolvers<undefined>()
  const begin = async (until: AbortSignal, since: number) => {
    const { ignored, nameOf } = watchedPaths(cwd, watch)
    const onBatch: WatchOptions['onBatch'] = (changes) => {
      const [first] = changes.filter(({ directory }) => directory !== true)
      if (first === undefined || until.aborted) return
      file = nameOf(first.path)
      wake.resolve(undefined)
    }
    await deps.watch?.({ roots: [cwd], ignored, onBatch, since, signal: until })
  }
  const isWatched = watch !== undefined
  if (isWatched) void begin(signal, deps.now())
  return {
    forget() {
      file = undefined
      wake = Promise.withResolvers()
    },
    saved: () => wake.promise,
    async next(crashed) {
      const stop = new AbortController()
      if (!isWatched && crashed) await begin(AbortSignal.any([signal, stop.signal]), deps.now())
      await Promise.race([wake.promise, over])
      stop.abort()
      return file === undefined ? undefined : `${file} was saved`
    },
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
