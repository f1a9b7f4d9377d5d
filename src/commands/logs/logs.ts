import type { CliContext, CommandFunction } from '../../context.ts'
import type { Pod } from '../../kube/pod.ts'
import { labels } from '../../lib/keys.ts'
import { otherWorkloads, unitFinder, unknownUnits } from '../../logs/units.ts'
import { type OpenProject, openProject } from '../../project/open.ts'
import { unknownService } from '../../project/selection.ts'
import type { ProjectRecord } from '../../state/projects.ts'
import { logFormatter } from '../../terminal/log-lines.ts'
import { writeText } from '../../terminal/output.ts'
import { followedLines, type LineSources, presentLines, runningPrograms } from './sources.ts'

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
 * `devk logs [service…]`: prints the logs of services, and of the programs of this machine that a devk runs, in order
 * of time. Logs of externals, jobs and workloads that run no service are printed only if they are named. Throws USAGE
 * for a name that nothing has.
 */
export const runLogs: CommandFunction<LogsFlags> = async (ctx, names, flags) => {
  const { socket, names: programs } = await runningPrograms(ctx)
  const here = names.length > 0 ? programs.filter((name) => names.includes(name)) : programs
  const asked = names.filter((name) => !programs.includes(name))
  const since = flags.since === undefined ? undefined : new Date(ctx.clock() - flags.since).toISOString()
  const limits = { since, tail: flags.tail, grep: flags.grep, signal: ctx.signal }
  // Programs of this machine write also while the cluster is away.
  const project = names.length > 0 && asked.length === 0 ? undefined : await openProject(ctx)
  const shown = project === undefined || asked.length > 0 ? asked : servicesOf(project.record)
  if (project !== undefined) await requireKnownUnits(ctx, project, asked, programs)
  const sources: LineSources = {
    pods: project && {
      project,
      query: {
        ...limits,
        labels: `${labels.project}=${project.record.name}`,
        serviceOf: unitFinder({ known: knownOf(project.record), names: shown }),
      },
    },
    locals: here.length > 0 ? { socket, query: { ...limits, names: here } } : undefined,
  }
  const format = logFormatter({ color: ctx.color, json: ctx.json, services: [...shown, ...here] })
  for await (const line of flags.follow ? followedLines(sources, ctx.signal) : presentLines(sources)) {
    if (ctx.stdout.destroyed || ctx.stdout.errored) break
    await writeText(ctx.stdout, format(line))
  }
  return flags.follow && ctx.signal.aborted ? 130 : 0
}

const servicesOf = ({ services }: ProjectRecord) => services.map(({ name }) => name)
const knownOf = (record: ProjectRecord) => [...servicesOf(record), ...record.externals]

/** Throws USAGE for the first name that nothing of the project has. */
async function requireKnownUnits(
  { signal }: Pick<CliContext, 'signal'>,
  { kube, record }: OpenProject,
  names: readonly string[],
  programs: readonly string[],
): Promise<void> {
  const known = knownOf(record)
  if (names.every((name) => known.includes(name))) return
  const ofProject = { labels: `${labels.project}=${record.name}`, signal }
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, ofProject)) as Pod[]
  const [unknown] = unknownUnits({ known, names }, pods)
  const all = [...known, ...programs, ...otherWorkloads(pods)]
  if (unknown !== undefined) throw unknownService(record.name, unknown, all, 'service or workload with pods')
}
