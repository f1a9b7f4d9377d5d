import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import type { Kube, PodStreams } from '../kube/api.ts'
import { connectKube, statusOf } from '../kube/client/client.ts'
import { findProject, namedProject, type ProjectRecord } from '../state/projects.ts'

/** A project that is up, opened from its record: its configuration is not read. */
export interface OpenProject {
  readonly record: ProjectRecord
  readonly kubeconfig: string
  readonly kube: Kube
  readonly streams: PodStreams
}

/** The record of --project, or of the folder devk was called in; undefined when nothing was ever brought up there. */
export async function findRecord(ctx: CliContext): Promise<ProjectRecord | undefined> {
  const { paths } = ctx
  return ctx.project === undefined ? findProject(paths, ctx.cwd) : namedProject(paths, ctx.project)
}

/** Throws CLUSTER_MISSING when nothing was brought up here, or its cluster is not the one that was. */
export async function openProject(ctx: CliContext): Promise<OpenProject> {
  const record = await findRecord(ctx)
  if (record === undefined) {
    throw new DevkError('CLUSTER_MISSING', `Nothing is up for ${ctx.cwd}`, { hint: 'Run devk up first.' })
  }
  const { kubeconfig } = ctx.paths.project(record.name)
  const { kube, streams } = await connectKube(kubeconfig, record.cluster.context)
  await requireSameCluster(kube, record, ctx.signal)
  return { record, kubeconfig, kube, streams }
}

async function requireSameCluster(kube: Kube, record: ProjectRecord, signal: AbortSignal): Promise<void> {
  const { uid, context } = record.cluster
  if (uid === undefined) return
  if ((await clusterUid(kube, signal)) === uid) return
  throw new DevkError('CLUSTER_FOREIGN', `${context} is not the cluster that devk made for ${record.name}`, {
    hint: 'Run devk up to make it again, or devk down to forget it.',
  })
}

/** UID of the namespace kube-system: there is one for each cluster's life. undefined where devk may not read it. */
export async function clusterUid(kube: Kube, signal: AbortSignal): Promise<string | undefined> {
  const system = { apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }
  const namespace = await kube.get(system, signal).catch((error: unknown) => {
    if (statusOf(error) === 403) return undefined
    throw error
  })
  return namespace?.metadata.uid
}
