import { setTimeout as sleep } from 'node:timers/promises'
import type { CliContext } from '../context.ts'
import type { ErrorCode } from '../error-codes.ts'
import { DevkError } from '../errors.ts'
import { portOwners } from '../host/port-owner.ts'
import { duration } from '../lib/text.ts'
import type { Platform } from '../platform/platform.ts'
import { type LoadedProject, loadProject, withFetched } from '../project/load.ts'
import { requireAgreedCommands } from '../project/local-consent.ts'
import { selectUnits, withUnits } from '../project/selection.ts'
import { clearBackground, noteBackground } from '../session/background.ts'
import { sessionName } from '../session/end.ts'
import type { SessionState } from '../session/state.ts'
import type { Desired } from '../stack/desired/desired.ts'
import { acquireLock } from '../state/lock.ts'
import type { StatePaths } from '../state/paths.ts'
import { type ProjectRecord, readProject, writeProject } from '../state/projects.ts'
import { progressOf } from '../terminal/choose-progress.ts'
import { writeJson, writeText } from '../terminal/output.ts'
import { provideCharts } from './charts.ts'
import { alreadyKept, askedFor, type Kept, startKept, withLog } from './keep.ts'
import { live } from './live/live.ts'
import { liveSettings } from './live/settings.ts'
import type { BringUpOptions } from './options.ts'
import { requireFreeForwards } from './ports.ts'
import { presetRecords, requireAll } from './presets/alongside.ts'
import { proveUrls } from './prove-urls.ts'
import { deployedRecord, plannedRecord } from './record.ts'
import { servedSession } from './session.ts'
import { type Prepared, type StackUp, startStack } from './stack-up.ts'
import { summaryOf } from './summary.ts'
import { addresses, summaryText } from './summary-text.ts'

/**
 * How long `up` shows only what it waits for, once every image is there. Most stacks are ready by then; for the others
 * the loop begins, since a save may be what makes them ready.
 */
const patienceMs = 3000

/**
 * Brings the stack up and prints the URLs. With `stays` it runs the loop, which begins as soon as there is something to
 * watch: a service that does not become ready ends neither. Returns the exit code. Throws what the steps throw, for
 * example CONFIG_INVALID, LOCKED, BUILD_FAILED or, unless it stays, NOT_READY.
 */
export async function bringUp(given: CliContext, options: BringUpOptions): Promise<number> {
  const began = performance.now()
  const { profile, overlay, stays, keep, background } = options
  const lives = stays || keep
  let ctx = given
  const read = async (onImport: (file: string) => void, mayAsk = true) => {
    const project = await loadProject(ctx, { profile, overlay, onImport, mayAsk })
    // Only saves start what is compiled on this machine, and only images are made for a devk that does not stay.
    const use = { saves: lives && options.watch, programs: lives, mayAsk }
    await requireAgreedCommands(ctx, project.config, use)
    return project
  }
  const imports: string[] = []
  const loaded = await read((file) => imports.push(file))
  const { config } = loaded
  requireTraces(loaded, options)
  const only = selectUnits(config, options.services)
  const { paths } = ctx
  const own = paths.project(config.name)
  if (background !== undefined) ctx = withLog(given, own.background.log)
  const asked = askedFor(ctx.version, config, options)
  const running = keep ? await alreadyKept(ctx, config.name, asked) : undefined
  if (running !== undefined) return tellAlreadyKept(ctx, running)
  const { lock: path } = own
  const lock = await acquireLock({ path, command: options.command, pid: process.pid, signal: ctx.signal })
  let [noted, isOver] = [false, false]
  let forget = () => {}
  const facts = { project: config.name, command: options.command, background: background !== undefined, asked }
  const serving = servedSession(ctx, { ...facts, stays })
  try {
    const killed = await clearBackground(own, ctx.runner)
    if (killed !== undefined && !ctx.json) ctx.stderr.write(`${killed}\n`)
    if (background !== undefined) {
      forget = await noteBackground(own, background)
      // A devk that takes too long after a signal exits without coming to its end.
      process.once('exit', () => ctx.signal.aborted && forget())
    }
    const shown = withUnits(config, only)
    if (lives) await requireFreeForwards(shown, portOwners(ctx.runner, process.platform))
    // The keyboard is in use then, so that nobody can be asked.
    const reread = async (onImport: (file: string) => void) => (await read(onImport, false)).config
    const settings = liveSettings({ config, imports, read: reread })
    const before = await noteProject(paths, plannedRecord(config, options.profile))
    noted = true
    const progress = progressOf(ctx)
    await provideCharts(ctx, config, progress)
    const project = await withFetched(ctx, loaded)
    // `status` and `logs` read the record, also while the stack comes up, and after devk was killed.
    const noteDeployed = async (platform: Platform, desired: Desired, presets: ProjectRecord['presets']) => {
      const current = settings.current()
      const planned = plannedRecord(current, options.profile)
      const record = await deployedRecord(planned, { config: current, platform, desired }, ctx.signal)
      await writeProject(paths, { ...record, presets })
    }
    let prepared: Prepared | undefined
    const supplied = Promise.withResolvers<void>()
    const start = await startStack(ctx, {
      project,
      only,
      before,
      options,
      progress,
      onSupplied: supplied.resolve,
      async onPrepared(platform, known) {
        await noteDeployed(platform, known.desired, before?.presets ?? [])
        prepared ??= known
      },
    })
    const stop = new AbortController()
    let isUp = false
    const bringOnce = async (signal: AbortSignal) => {
      const up = await start.bring(settings.current(), signal)
      const presets = presetRecords(project.chosen, up.outcomes, start.platform.ports)
      await noteDeployed(start.platform, up.desired, presets)
      if (options.strict) requireAll(up.outcomes)
      // The URLs of presets are not checked: a preset that does not answer must not fail the start.
      await proveUrls(addresses(withUnits(settings.current(), only), [], undefined), signal)
      isUp = true
      return up
    }
    const run = (signal: AbortSignal) => serving.bringing(() => bringOnce(signal), signal)
    const work = run(AbortSignal.any([ctx.signal, stop.signal]))
    const handOver = stays ? supplied.promise.then(() => sleep(patienceMs, undefined, { ref: false })) : never
    const names = project.chosen.map(({ name }) => name)
    const failed = await progress.stack(work, names, handOver).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (failed !== undefined && !(stays && prepared !== undefined && isFixable(ctx, failed))) throw failed
    const printSummary = async (up: StackUp, kept?: Kept) => {
      const ms = performance.now() - began
      const presets = presetRecords(project.chosen, up.outcomes, start.platform.ports)
      const summary = summaryOf(ctx, { config, shown, presets, up, start, stays: lives, kept, ms })
      if (ctx.json) await writeJson(ctx.stdout, { project: config.name, ...summary })
      else await writeText(ctx.stderr, summaryText(summary, ctx.color))
    }
    if (!stays || prepared === undefined) {
      const up = await work
      if (!keep) await printSummary(up)
      else {
        // The one in the background holds the lock from now on.
        await lock.release()
        await printSummary(up, await startKept(ctx, { config, options, progress }))
      }
      return 0
    }
    const [first] = addresses(shown, before?.presets ?? [], undefined)
    const exitCode = await live(ctx, {
      config: shown,
      settings,
      only,
      start,
      desired: prepared.desired,
      // After a failed build the nodes may lack other images as well.
      works: codeOf(failed) === 'BUILD_FAILED' ? [] : prepared.works,
      first: { work, stop },
      run,
      isUp,
      watch: options.watch,
      timing: options.timing,
      traceSaves: options.traceSaves,
      keys: options.keys,
      session: serving.session,
      // devk logs has them as well, from the cluster.
      logs: background === undefined,
      url: first?.url,
      logsSince: isUp ? ctx.clock() : start.since,
      onApplied: async (desired) =>
        noteDeployed(start.platform, desired, (await readProject(paths, config.name))?.presets ?? []),
      onUp: printSummary,
    })
    isOver = true
    return exitCode
  } catch (error) {
    if (noted && ctx.signal.aborted && !ctx.json) {
      ctx.stderr.write('\nInterrupted. What was created so far stays: devk up continues, devk down removes it.\n')
    }
    throw error
  } finally {
    await serving.end()
    // After a failure they stay: the next devk says why.
    if (isOver || ctx.signal.aborted) forget()
    await lock.release()
  }
}

/** Whether devk stays in spite of a failure, because a save can fix it. In scripts a failed build is the end. */
function isFixable(ctx: CliContext, error: unknown): boolean {
  const code = codeOf(error)
  if (ctx.signal.aborted || code === undefined) return false
  return code === 'NOT_READY' || code === 'COMMAND_FAILED' || (code === 'BUILD_FAILED' && ctx.isTTY)
}

function codeOf(error: unknown): ErrorCode | undefined {
  return error instanceof DevkError ? error.code : undefined
}

/** Says that a second `devk up --keep` has nothing to do: the first one applies what is saved. */
async function tellAlreadyKept(ctx: CliContext, { log, ...state }: SessionState & Kept): Promise<number> {
  const { project, pid, paused, waiting } = state
  if (ctx.json) await writeJson(ctx.stdout, { project, changes: 0, background: { pid, log } })
  else {
    const age = duration(Math.max(0, ctx.clock() - Date.parse(state.since)))
    const held = paused || waiting.length > 0 ? ' Some of them wait: devk status shows them.' : ''
    ctx.stderr.write(`✔ ${sessionName(state)} already runs in the background, for ${age}, and applies saves.${held}\n`)
    ctx.stderr.write('  → devk attach   (shows what it does)\n  → devk stop   (ends it; the stack stays up)\n')
  }
  return 0
}

const never = new Promise<void>(() => {})

/**
 * Records the project before anything of it is created, so that `down` finds it after a crash. Keeps and returns an
 * earlier record.
 */
async function noteProject(paths: StatePaths, planned: ProjectRecord): Promise<ProjectRecord | undefined> {
  const { root, configFile } = planned
  const before = await readProject(paths, planned.name)
  await writeProject(paths, { ...planned, ...before, isDown: undefined, root, configFile })
  return before
}

/** Throws USAGE if saves are to become traces and nothing takes them. */
function requireTraces({ chosen }: LoadedProject, { traceSaves }: Pick<BringUpOptions, 'traceSaves'>): void {
  if (!traceSaves || chosen.some(({ name }) => name === 'jaeger')) return
  throw new DevkError('USAGE', '--trace-saves needs the preset jaeger, which this stack does not have', {
    hint: 'Add it to presets in the configuration (devk preset add jaeger), or choose a profile that has it.',
  })
}
