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
 * Opens the cluster that another project of devk made, for a project that has none of its own: another environment beside it. Nobody is
 * asked, as the cluster is the user's. Throws USAGE for an unknown project, CLUSTER_MISSING when it made no cluster, CLUSTER_FOREIGN when
 * the cluster is another one by now.
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
      throw new DevkError('CLUSTER_MISSING', `The project ${host} has made no cluster`, {
        hint: `Bring it up first, or let cluster.project name the project whose cluster it is in.`,
      })
    }
    await writeAtomic(ctx.paths.project(config.name).kubeconfig, await readFile(kubeconfig, 'utf8'))
    const nodes = await existingNodes(kube, engine, true, ctx.signal)
    const { name, context, provider } = record.cluster
    const network = networkOf(provider, name)
    return { value: { name, context, nodes, network, ports: [] }, note: `${context}  of the project ${host}` }
  })
}

/** The projects that are up in the cluster of `host`, and go with it. */
export async function guestsOf(paths: StatePaths, host: string): Promise<ProjectRecord[]> {
  return (await listProjects(paths)).filter(({ cluster }) => cluster.project === host)
}

/** Whether the cluster that a project was brought up in as a guest is still its host's. */
export async function isHosted(paths: StatePaths, { cluster }: ProjectRecord): Promise<boolean> {
  const host = (await listProjects(paths)).find(({ name }) => name === cluster.project)
  return host !== undefined && (cluster.uid === undefined || host.cluster.uid === cluster.uid)
}
