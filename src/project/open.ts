import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import type { Kube, PodStreams } from '../kube/api.ts'
import { findProject, namedProject, type ProjectRecord } from '../state/projects.ts'
import { type Connection, connectAgreed } from './agreed.ts'

/**
 * A project whose stack is up, with a connection to its cluster. It comes from the project's record, not from the
 * configuration.
 */
export interface OpenProject {
  readonly record: ProjectRecord
  readonly kubeconfig: string
  readonly kube: Kube
  readonly streams: PodStreams
}

/**
 * The record of --project or of the current folder; undefined if `up` never ran there. Throws USAGE for an unknown
 * --project.
 */
export async function findRecord(ctx: CliContext): Promise<ProjectRecord | undefined> {
  const { paths } = ctx
  return ctx.project === undefined ? findProject(paths, ctx.cwd) : namedProject(paths, ctx.project)
}

/**
 * Connects to the cluster of --project or of the current folder. Throws CLUSTER_MISSING if `up` never ran,
 * CLUSTER_FOREIGN if the cluster is another one than at the last `up`, CONTEXT_REFUSED if an existing cluster is not
 * the one that the user agreed to, and KUBE_API if it does not answer.
 */
export async function openProject(ctx: CliContext): Promise<OpenProject> {
  const record = await findRecord(ctx)
  if (record === undefined) {
    throw new DevkError('CLUSTER_MISSING', `No stack is up for ${ctx.cwd}`, { hint: 'Run devk up first.' })
  }
  const { kubeconfig } = ctx.paths.project(record.name)
  const { kube, streams, uid } = await connectAgreed(ctx, record)
  await requireSameCluster(record, uid)
  return { record, kubeconfig, kube, streams }
}

async function requireSameCluster(record: ProjectRecord, present: Connection['uid']): Promise<void> {
  const { uid, context } = record.cluster
  if (uid === undefined || (await present()) === uid) return
  throw new DevkError('CLUSTER_FOREIGN', `${context} is not the cluster that devk created for ${record.name}`, {
    hint: 'Run devk up to create the cluster again, or devk down to remove the record of it.',
  })
}
