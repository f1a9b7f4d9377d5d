import type { CommandFunction } from '../cli/context.ts'
import type { DevFlags } from '../cli/flags.ts'
import { loadConfig } from '../config/load.ts'
import { parseDuration } from '../lib/duration.ts'
import { acquireLock } from '../state/lock.ts'
import { statePaths } from '../state/paths.ts'
import { converger } from './converge.ts'
import { live } from './live.ts'
import { write } from './output.ts'
import { readyPlatform } from './platform.ts'
import { openProject } from './project.ts'
import { progressOf } from './steps.ts'
import { addresses, summaryText } from './summary.ts'
import { quietly } from './up.ts'

/** `devk dev`: takes the loop up again on a stack that is up; what was saved meanwhile is brought in first. */
export const runDev: CommandFunction<DevFlags> = async (ctx, _args, flags) => {
  const began = performance.now()
  const { record } = await openProject(ctx)
  const profile = flags.profile ?? record.profile
  const config = await loadConfig({ cwd: ctx.cwd, file: ctx.configFile, profile, env: ctx.env, presets: [] })
  const paths = statePaths(ctx.env)
  const lock = await acquireLock({
    path: paths.project(config.name).lock,
    command: 'devk dev',
    pid: process.pid,
    signal: ctx.signal,
  })
  try {
    const progress = progressOf(ctx)
    const platform = await readyPlatform(ctx, config, progress)
    const since = ctx.clock()
    const timeoutMs = parseDuration(config.timeout) ?? 600_000
    const options = { config, platform, timeoutMs, only: undefined }
    const converge = converger(ctx, { ...options, hooks: progress.hooks })
    const { desired, changes } = await progress.stack(() => converge.all(ctx.signal))
    if (!ctx.json) {
      const { services, externals } = config
      const counts = { services: Object.keys(services).length, externals: Object.keys(externals).length }
      const told = { ...counts, changes, ms: performance.now() - began, addresses: addresses(config, desired.forwards) }
      await write(ctx.stderr, summaryText(told, ctx.color))
    }
    await live(ctx, { config, platform, desired, converge: quietly(ctx, options), since, watch: true }, ctx.signal)
    return 130
  } finally {
    await lock.release()
  }
}
