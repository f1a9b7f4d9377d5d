import type { CommandFunction } from '../context.ts'
import type { Pod } from '../kube/pod.ts'
import { labels } from '../lib/keys.ts'
import { followLogs } from '../logs/follow.ts'
import { readLogs } from '../logs/read.ts'
import { otherWorkloads, unitFinder, unknownUnits } from '../logs/units.ts'
import { openProject } from '../project/open.ts'
import { unknownService } from '../project/selection.ts'
import { logFormatter } from '../terminal/log-lines.ts'
import { writeText } from '../terminal/output.ts'

/** Flags of `devk logs`. */
export interface LogsFlags {
  /** Keep printing new lines. */
  readonly follow: boolean
  /** Age of the oldest line, in milliseconds. */
  readonly since?: number
  /** Number of existing lines to print. */
  readonly tail?: number
  /** Print only lines that match. */
  readonly grep?: RegExp
}

/**
 * `devk logs [service…]`: prints the logs of services in order of time. Logs of externals, jobs and workloads that run
 * no service are printed only if they are named. Throws USAGE for a name that nothing has.
 */
export const runLogs: CommandFunction<LogsFlags> = async (ctx, names, flags) => {
  const project = await openProject(ctx)
  const services = project.record.services.map(({ name }) => name)
  const known = [...services, ...project.record.externals]
  const shown = names.length > 0 ? names : services
  const units = { known, names: shown }
  const ofProject = { labels: `${labels.project}=${project.record.name}` }
  if (names.some((name) => !known.includes(name))) {
    const pods = (await project.kube.list(
      { apiVersion: 'v1', kind: 'Pod' },
      { ...ofProject, signal: ctx.signal },
    )) as Pod[]
    const [unknown] = unknownUnits(units, pods)
    const all = [...known, ...otherWorkloads(pods)]
    if (unknown !== undefined) throw unknownService(project.record.name, unknown, all, 'service or workload with pods')
  }
  const since = flags.since === undefined ? undefined : new Date(ctx.clock() - flags.since).toISOString()
  const query = {
    ...ofProject,
    serviceOf: unitFinder(units),
    since,
    tail: flags.tail,
    grep: flags.grep,
    signal: ctx.signal,
  }
  const format = logFormatter({ color: ctx.color, json: ctx.json, services: shown })
  for await (const line of flags.follow ? followLogs(project, query) : readLogs(project, query)) {
    if (ctx.stdout.destroyed || ctx.stdout.errored) break
    await writeText(ctx.stdout, format(line))
  }
  return flags.follow && ctx.signal.aborted ? 130 : 0
}
