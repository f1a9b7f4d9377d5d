import { existsSync } from 'node:fs'
import type { ClusterProvider } from '../../cluster/provider.ts'
import type { CliContext } from '../../context.ts'
import type { Engine } from '../../engine/api.ts'
import { DevkError } from '../../errors.ts'
import { listRegistry } from '../../images/registry/content.ts'
import type { Registry } from '../../images/registry/registry.ts'
import { labels } from '../../lib/keys.ts'
import { projectJournal, projectProvider } from '../../platform/tools.ts'
import { connectAgreed } from '../../project/agreed.ts'
import { listProjects, type ProjectRecord } from '../../state/projects.ts'
import type { ProjectUse, PruneFacts } from './plan.ts'

/** Milliseconds that a cluster may take to list the images that it uses. */
const listMs = 30_000

/** The kinds that name images: those that run, and those that a rollback would run again. */
const namingKinds = [
  ['v1', 'Pod'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'ReplicaSet'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['apps/v1', 'ControllerRevision'],
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
  ['argoproj.io/v1alpha1', 'Rollout'],
] as const

/** Lists what devk created on this machine and which projects use it. Changes nothing. Throws ENGINE_UNAVAILABLE. */
export async function pruneFacts(ctx: CliContext, engine: Engine, registry: Registry | undefined): Promise<PruneFacts> {
  const { signal } = ctx
  const records = await listProjects(ctx.paths)
  return {
    projects: await Promise.all(records.map((record) => projectUse(ctx, engine, record))),
    images: await engine.images.list([labels.project], signal),
    registry: registry === undefined ? [] : await listRegistry(registry, signal),
  }
}

async function projectUse(ctx: CliContext, engine: Engine, record: ProjectRecord): Promise<ProjectUse> {
  const { name, cluster } = record
  if (cluster.provider !== 'existing' && (await isGone(ctx, engine, name))) {
    return { name, gone: true, uses: undefined }
  }
  return { name, gone: false, uses: await imagesNamed(ctx, record) }
}

async function isGone(ctx: CliContext, engine: Engine, name: string): Promise<boolean> {
  for (const entry of await projectJournal(ctx, name).entries()) {
    if (entry.kind !== 'cluster') continue
    const provider = projectProvider(ctx, engine, name, entry.facts.provider === 'minikube' ? 'minikube' : 'kind')
    if (!(await isAbsent(provider, entry.name, ctx.signal))) return false
  }
  return true
}

/** A cluster on another engine than the current one is not absent. */
async function isAbsent(provider: ClusterProvider, cluster: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await provider.inspect(cluster, signal)).state === 'absent'
  } catch (error) {
    if (error instanceof DevkError && error.code === 'CLUSTER_FOREIGN') return false
    throw error
  }
}

/** undefined if the cluster does not answer: it may be stopped. */
async function imagesNamed(ctx: CliContext, record: ProjectRecord): Promise<string | undefined> {
  const { kubeconfig } = ctx.paths.project(record.name)
  if (!existsSync(kubeconfig)) return undefined
  const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(listMs)])
  try {
    const { kube } = await connectAgreed({ ...ctx, signal }, record)
    const lists = await Promise.all(
      namingKinds.map(([apiVersion, kind]) => kube.list({ apiVersion, kind }, { signal })),
    )
    return JSON.stringify(lists)
  } catch {
    ctx.signal.throwIfAborted()
    return undefined
  }
}
