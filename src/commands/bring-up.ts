import type { CliContext } from '../cli/context.ts'
import { loadConfig } from '../config/load.ts'
import { parseDuration } from '../lib/duration.ts'
import { acquireLock } from '../state/lock.ts'
import { statePaths } from '../state/paths.ts'
import { readProject, writeProject } from '../state/projects.ts'
import { proveUrls } from './answers.ts'
import { type Converge, type ConvergeOptions, converger } from './converge.ts'
import { live } from './live.ts'
import { write, writeJson } from './output.ts'
import { readyPlatform } from './platform.ts'
import { deployedRecord, plannedRecord } from './record.ts'
import { selectUnits } from './selection.ts'
import { progressOf } from './steps.ts'
import { addresses, summaryText } from './summary.ts'

export interface BringUpOptions {
  /** As the lock tells it to others. */
  readonly command: string
  /** Services to care for; none: all. */
  readonly services: readonly string[]
  readonly profile: string | undefined
  /** Milliseconds; undefined: the configuration's. */
  readonly timeout: number | undefined
  /** Stay when all is ready: forward, tail and, with `watch`, sync. */
  readonly stays: boolean
  readonly watch: boolean
}

/** Converges everything, prints the URLs, and stays if asked to. Gives the exit code. */
export async function bringUp(ctx: CliContext, options: BringUpOptions): Promise<number> {
  const began = performance.now()
  const { command, profile, stays, watch } = options
  const config = await loadConfig({ cwd: ctx.cwd, file: ctx.configFile, profile, env: ctx.env, presets: [] })
  const only = selectUnits(config, options.services)
  const paths = statePaths(ctx.env)
  const lock = await acquireLock({
    path: paths.project(config.name).lock,
    command,
    pid: process.pid,
    signal: ctx.signal,
  })
  try {
    const planned = plannedRecord(config, profile)
    // Before anything is made, so that down finds it after any crash; what an earlier up found out stays.
    await writeProject(paths, {
      ...planned,
      ...(await readProject(paths, config.name)),
      root: config.root,
      configFile: config.file,
    })
    const progress = progressOf(ctx)
    const platform = await readyPlatform(ctx, config, progress)
    const since = ctx.clock()
    const timeoutMs = options.timeout ?? parseDuration(config.timeout) ?? 600_000
    const convergeOptions = { config, platform, timeoutMs, only }
    const converge = converger(ctx, { ...convergeOptions, hooks: progress.hooks })
    const { desired, changes } = await progress.stack(() => converge.all(ctx.signal))
    await writeProject(paths, await deployedRecord(planned, config, platform, desired, ctx.signal))
    const urls = addresses(config, stays ? desired.forwards : [])
    await proveUrls(urls, ctx.signal)
    const tell = async () => {
      const services = Object.keys(config.services).length
      const externals = Object.keys(config.externals).length
      const told = { services, externals, changes, ms: performance.now() - began, addresses: urls }
      if (ctx.json) await writeJson(ctx.stdout, { project: config.name, ...told })
      else await write(ctx.stderr, summaryText(told, ctx.color))
    }
    if (!stays) {
      await tell()
      return 0
    }
    const staying = { config, platform, desired, converge: quietly(ctx, convergeOptions), since, watch }
    return await live(ctx, { ...staying, onReady: tell })
  } finally {
    await lock.release()
  }
}

/** The loop reports by itself: a converger without a progress display. */
function quietly(ctx: CliContext, options: Omit<ConvergeOptions, 'hooks'>): Converge {
  return converger(ctx, { ...options, hooks: { image: (_owner, run) => run(() => {}), onEvent: () => {} } })
}
