import { readFile } from 'node:fs/promises'
import { existingNodes } from '../cluster/existing-nodes.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import type { Engine } from '../engine/api.ts'
import { DevkError } from '../errors.ts'
import { openProject } from '../project/open.ts'
import { writeAtomic } from '../state/files.ts'
import type { StatePaths } from '../state/paths.ts'
import { listProjects, type ProjectRecord } from '../state/projects.ts'
import type { Progress } from '../terminal/progress.ts'
import { networkOf, type ReadyCluster } from './ready-cluster.ts'

/**
 * Opens the cluster that devk created for the project `host`, for a project that shares it as a guest. It asks no
 * question, as the cluster belongs to the user. Throws USAGE for an unknown project, CLUSTER_MISSING when that project
 * created no cluster, and CLUSTER_FOREIGN when the cluster was replaced by another one.
 */
export async function readyGuest(
  ctx: CliContext,
  config: LoadedConfig,
  host: string,
  { engine, progress }: { readonly engine: Engine; readonly progress: Progress },
): Promise<ReadyCluster> {
  return progress.step('Cluster', async () => {
    const { record, kube, kubeconfig } = await openProject({ ...ctx, project: host })
    if (record.cluster.provider === 'existing' || record.cluster.uid === undefined) {
      throw new DevkError('CLUSTER_MISSING', `The project ${host} has no cluster of its own`, {
        hint: 'Run devk up in that project first, or set cluster.project to the project that owns the cluster.',
      })
    }
    await writeAtomic(ctx.paths.project(config.name).kubeconfig, await readFile(kubeconfig, 'utf8'))
    const nodes = await existingNodes(kube, engine, true, ctx.signal)
    const { name, context, provider } = record.cluster
    const network = networkOf(provider, name)
    return { value: { name, context, nodes, network, ports: [] }, note: `${context}  cluster of the project ${host}` }
  })
}

/** The projects that are up as guests in the cluster of `host`. They are removed together with it. */
export async function guestsOf(paths: StatePaths, host: string): Promise<ProjectRecord[]> {
  return (await listProjects(paths)).filter(({ cluster }) => cluster.project === host)
}

/** Whether the cluster that a guest project was brought up in is still the cluster of its host. */
export async function isHosted(paths: StatePaths, { cluster }: ProjectRecord): Promise<boolean> {
  const host = (await listProjects(paths)).find(({ name }) => name === cluster.project)
  return host !== undefined && (cluster.uid === undefined || host.cluster.uid === cluster.uid)
}
