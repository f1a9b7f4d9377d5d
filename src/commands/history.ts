import type { CommandFunction, NoFlags } from '../context.ts'
import { type KubeObject, nameOf } from '../kube/api.ts'
import { servicesOf } from '../kube/pod-services.ts'
import { colors } from '../lib/colors.ts'
import { annotations } from '../lib/keys.ts'
import { byCodeUnits } from '../lib/order.ts'
import { table } from '../lib/table.ts'
import { duration } from '../lib/text.ts'
import { type OpenProject, openProject } from '../project/open.ts'
import { type Revision, readRevisions } from '../release/revisions.ts'
import { workloadsOf } from '../release/workloads.ts'
import { writeJson, writeText } from '../terminal/output.ts'
import { rollbackNote, shortImage } from './status/report.ts'

interface History {
  readonly service: string
  readonly workload: KubeObject
  readonly revisions: readonly Revision[]
}

/** `history --json`; the shape is part of the command contract. */
export interface HistoryReport {
  readonly project: string
  readonly services: readonly ServiceHistory[]
}

/** The revisions of one workload of a service, newest first. */
export interface ServiceHistory {
  readonly service: string
  /** `Deployment todo/backend`. */
  readonly workload: string
  /** The revision that `devk rollback` went back to; null if the newest sources run. */
  readonly rolledBackTo: number | null
  readonly revisions: readonly {
    readonly revision: number
    readonly current: boolean
    readonly since: string
    readonly images: readonly string[]
    readonly cause: string | null
  }[]
}

/**
 * `devk history [service…]`: lists the revisions that the cluster keeps, newest first, with the numbers for `rollback
 * --to`.
 */
export const runHistory: CommandFunction<NoFlags> = async (ctx, services) => {
  const project = await openProject(ctx)
  const histories = await historiesOf(project, services, ctx.signal)
  if (ctx.json) await writeJson(ctx.stdout, reportOf(project, histories))
  else await writeText(ctx.stdout, historyText(histories, { columns: ctx.columns, color: ctx.color, now: ctx.clock() }))
  return 0
}

/** Reads the report of `devk history` for all services. Throws USAGE if nothing is deployed, KUBE_API. */
export async function readHistory(project: OpenProject, signal: AbortSignal): Promise<HistoryReport> {
  return reportOf(project, await historiesOf(project, [], signal))
}

async function historiesOf(
  { kube, record }: OpenProject,
  services: readonly string[],
  signal: AbortSignal,
): Promise<History[]> {
  const workloads = await workloadsOf(kube, record.name, services, signal)
  const histories = await Promise.all(
    workloads.map(async (workload) => {
      const revisions = (await readRevisions(kube, workload, signal)).reverse()
      const shown = servicesOf(workload).filter((service) => services.length === 0 || services.includes(service))
      return shown.map((service) => ({ service, workload, revisions }))
    }),
  )
  return histories.flat().sort((a, b) => byCodeUnits(a.service, b.service))
}

function reportOf({ record }: OpenProject, histories: readonly History[]): HistoryReport {
  return { project: record.name, services: histories.map(entry) }
}

function entry({ service, workload, revisions }: History): ServiceHistory {
  const notes = workload.metadata.annotations ?? {}
  return {
    service,
    workload: nameOf(workload),
    rolledBackTo: Number(notes[annotations.rolledBackTo]) || null,
    revisions: revisions.map(({ number, current, since, images, cause }) => {
      return { revision: number, current, since, images, cause: cause ?? null }
    }),
  }
}

const headings = [
  { title: 'REVISION' },
  { title: 'AGE' },
  { title: 'IMAGE', flexible: true },
  { title: 'NOTE', flexible: true },
]

function historyText(all: readonly History[], options: { columns: number; color: boolean; now: number }): string {
  const paint = colors(options.color)
  const parts = all.map(({ service, workload, revisions }) => {
    const rows = revisions.map(({ number, since, images, cause, current }) => ({
      cells: [
        `${number}${current ? ' *' : ''}`,
        duration(Math.max(1000, options.now - Date.parse(since))),
        images.map(shortImage).join(', '),
        [current ? rollbackNote(workload.metadata.annotations) : undefined, cause].filter(Boolean).join('; '),
      ],
    }))
    return [`${paint.bold(service)}  ${nameOf(workload)}`, ...table(headings, rows, options.columns), ''].join('\n')
  })
  return `${parts.join('\n')}\n`
}
