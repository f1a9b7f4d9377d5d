import type { CliContext } from '../context.ts'
import { loadProject } from '../project/load.ts'
import { selectUnits, withUnits } from '../project/selection.ts'
import { acquireLock } from '../state/lock.ts'
import type { StatePaths } from '../state/paths.ts'
import { type ProjectRecord, readProject, writeProject } from '../state/projects.ts'
import { writeJson, writeText } from '../terminal/output.ts'
import { live } from './live/live.ts'
import { liveSettings } from './live/settings.ts'
import type { BringUpOptions } from './options.ts'
import { presetRecords, requireAll } from './presets/alongside.ts'
import { proveUrls } from './prove-urls.ts'
import { deployedRecord, plannedRecord } from './record.ts'
import { stackUp } from './stack-up.ts'
import { summaryOf } from './summary.ts'
import { addresses, summaryText } from './summary-text.ts'

/**
 * Brings the stack up, prints the URLs, and with `stays` runs the loop. Returns the exit code. Throws what the steps
 * throw, for example CONFIG_INVALID, LOCKED, BUILD_FAILED or NOT_READY.
 */
export async function bringUp(ctx: CliContext, options: BringUpOptions): Promise<number> {
  const began = performance.now()
  const project = await loadProject(ctx, options)
  const { config } = project
  const only = selectUnits(config, options.services)
  const { paths } = ctx
  const { lock: path } = paths.project(config.name)
  const lock = await acquireLock({ path, command: options.command, pid: process.pid, signal: ctx.signal })
  try {
    const planned = plannedRecord(config, options.profile)
    const before = await noteProject(paths, planned)
    const up = await stackUp(ctx, { project, only, before, options })
    const presets = presetRecords(project.chosen, up.outcomes, up.platform.ports)
    const record = await deployedRecord(planned, { ...up, config }, ctx.signal)
    await writeProject(paths, { ...record, presets })
    if (options.strict) requireAll(up.outcomes)
    const shown = withUnits(config, only)
    // The URLs of presets are not checked: a preset that does not answer must not fail the start.
    await proveUrls(addresses(shown, [], undefined), ctx.signal)
    const printSummary = async () => {
      const summary = summaryOf(ctx, {
        config,
        shown,
        presets,
        up,
        stays: options.stays,
        ms: performance.now() - began,
      })
      if (ctx.json) await writeJson(ctx.stdout, { project: config.name, ...summary })
      else await writeText(ctx.stderr, summaryText(summary, ctx.color))
    }
    const [first] = addresses(shown, presets, undefined)
    const settings = liveSettings(config, async () => (await loadProject(ctx, options)).config)
    const staying = {
      config: shown,
      settings,
      only,
      watch: options.watch,
      keys: options.keys,
      url: first?.url,
      onReady: printSummary,
    }
    if (options.stays) return await live(ctx, { ...up, ...staying })
    await printSummary()
    return 0
  } finally {
    await lock.release()
  }
}

/**
 * Records the project before anything of it is created, so that `down` finds it after a crash. Keeps and returns an
 * earlier record.
 */
async function noteProject(paths: StatePaths, planned: ProjectRecord): Promise<ProjectRecord | undefined> {
  const { root, configFile } = planned
  const before = await readProject(paths, planned.name)
  await writeProject(paths, { ...planned, ...before, root, configFile })
  return before
}
