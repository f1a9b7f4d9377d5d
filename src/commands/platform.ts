import { join } from 'node:path'
import type { CliContext } from '../cli/context.ts'
import type { ClusterNode } from '../cluster/provider.ts'
import type { LoadedConfig } from '../config/schema.ts'
import { imageBuilder } from '../images/build.ts'
import { dockerEngine } from '../images/engine.ts'
import { connectNodes, ensureRegistry, type Registry, registryContainer } from '../images/registry.ts'
import type { ImageBuilder } from '../images/store.ts'
import { kitImages } from '../kit/kit.ts'
import { shortReference } from '../kit/references.ts'
import type { Kube, PodStreams } from '../kube/api.ts'
import { connectKube } from '../kube/client.ts'
import { statePaths } from '../state/paths.ts'
import { readyCluster } from './cluster.ts'
import { readyEngine } from './engine.ts'
import { fetchImages, type Supply } from './image-supply.ts'
import { buildWithKit } from './kit-deps.ts'
import type { Progress } from './steps.ts'
import { projectJournal, readyTools, type Tools } from './tools.ts'

/** Everything the stack stands on, up and connected. */
export interface Platform {
  readonly supply: Supply
  readonly registry: Registry
  readonly cluster: { readonly name: string; readonly context: string }
  readonly nodes: readonly ClusterNode[]
  readonly kube: Kube
  readonly streams: PodStreams
  readonly tools: Tools
}

/** Brings up, or finds, engine, tools, cluster and registry, in this order; each step is safe to repeat. */
export async function readyPlatform(ctx: CliContext, config: LoadedConfig, progress: Progress): Promise<Platform> {
  const { signal, env } = ctx
  const paths = statePaths(env)
  const own = paths.project(config.name)
  const engine = dockerEngine(env)
  const tools = await progress.step('Tools', async (say) => {
    const engineVersion = await readyEngine(ctx, say)
    const found = await readyTools(ctx, engine, config.name, say)
    return { value: found, note: `docker ${engineVersion}  kind ${found.kindVersion}` }
  })
  const builder: ImageBuilder = imageBuilder({
    client: engine.client,
    images: engine.images,
    runner: ctx.runner,
  })
  const offered = new Set(kitImages(process.arch))
  const supply: Supply = {
    engine,
    builder,
    offersKit: (reference) => offered.has(shortReference(reference)),
    buildKit: (references, onLine, either) => buildWithKit(ctx, { only: references }, onLine, either),
  }
  const journal = projectJournal(ctx, config.name)
  const cluster = await readyCluster(ctx, config, { supply, tools, journal, kubeconfig: own.kubeconfig }, progress)
  const registry = await progress.step('Registry', async (say) => {
    await fetchImages(supply, ['registry:3'], say, signal)
    const place = { dataFolder: join(paths.registry), container: registryContainer }
    const running = await ensureRegistry(engine, place, signal)
    const containers = cluster.nodes.flatMap(({ container }) => container ?? [])
    await connectNodes(engine, running, containers, signal)
    return { value: running, note: running.host }
  })
  const { kube, streams } = await connectKube(own.kubeconfig, cluster.context)
  const { name, context, nodes } = cluster
  return { supply, registry, cluster: { name, context }, nodes, kube, streams, tools }
}
