import { existsSync } from 'node:fs'
import type { CliContext } from '../../context.ts'
import type { Engine } from '../../engine/api.ts'
import { listRegistry } from '../../images/registry/content.ts'
import type { Registry } from '../../images/registry/registry.ts'
import { connectKube } from '../../kube/client/client.ts'
import { labels } from '../../lib/keys.ts'
import { projectJournal, projectProvider } from '../../platform/tools.ts'
import { listProjects, type ProjectRecord } from '../../state/projects.ts'
import type { ProjectUse, PruneFacts } from './plan.ts'

/** How long a cluster may take to say what it uses. */
const patienceMs = 30_000

/** What names images in a cluster: what runs, and what it can be rolled back to. */
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

/** Reads what devk made on this machine and who uses it; changes nothing. */
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
    if ((await provider.inspect(entry.name, ctx.signal)).state !== 'absent') return false
  }
  return true
}

/** undefined when the cluster does not answer: it may be stopped. */
async function imagesNamed(ctx: CliContext, { name, cluster }: ProjectRecord): Promise<string | undefined> {
  const { kubeconfig } = ctx.paths.project(name)
  if (!existsSync(kubeconfig)) return undefined
  const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(patienceMs)])
  try {
    const { kube } = await connectKube(kubeconfig, cluster.context)
    const lists = await Promise.all(
      namingKinds.map(([apiVersion, kind]) => kube.list({ apiVersion, kind }, { signal })),
    )
    return JSON.stringify(lists)
  } catch {
    ctx.signal.throwIfAborted()
    return undefined
  }
}
