import { rewriteKubeconfig } from '../cluster/kubeconfig.ts'
import type { WantedPort } from '../cluster/preset-ports.ts'
import type { ClusterNode, HostPort } from '../cluster/provider.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import type { EngineInfo } from '../engine/image-api.ts'
import { imageBuilder } from '../images/build/build.ts'
import type { ImageBuilder } from '../images/build/request.ts'
import { imageLoader } from '../images/load/load.ts'
import { credentialSource } from '../images/registry/credentials.ts'
import type { Registry } from '../images/registry/registry.ts'
import type { Kube, PodStreams } from '../kube/api.ts'
import { connectKube } from '../kube/client/client.ts'
import { seenImages } from '../state/seen-images.ts'
import type { Progress } from '../terminal/progress.ts'
import { readyCluster } from './cluster.ts'
import { readyEngine } from './engine.ts'
import { readyExisting } from './existing.ts'
import { beginRegistry, type ImageRoute, readyRoute } from './image-route.ts'
import type { Supply } from './image-sources.ts'
import { buildWithKit, kitOffers } from './kit.ts'
import { announceRegistry } from './registry-hosting.ts'
import { readyTools } from './tools.ts'

/** What the stack runs on, up and connected. */
export interface Platform {
  readonly supply: Supply
  /** What to say of images that the kit stands in for. It grows while images are fetched. */
  readonly standIns: readonly string[]
  readonly route: ImageRoute
  readonly cluster: { readonly name: string; readonly context: string }
  readonly nodes: readonly ClusterNode[]
  /** Ports of its nodes that are mapped to this machine. */
  readonly ports: readonly HostPort[]
  readonly kube: Kube
  readonly streams: PodStreams
}

/** What is there before a cluster is created. */
export interface BeforeCluster {
  readonly supply: Supply
  /** undefined if it has never run here. */
  readonly registry: Promise<Registry | undefined>
}

/** What starting the platform depends on besides the configuration. */
export interface PlatformOptions {
  readonly progress: Progress
  /** Ports of the cluster that presets need on this machine. */
  readonly wantedPorts: readonly WantedPort[]
  /** Called before a cluster is created or opened. What it throws ends the start. */
  readonly beforeCluster: (engine: EngineInfo) => Promise<void>
  /** Called before a new cluster is created. What it begins runs meanwhile. */
  readonly onCreate?: (before: BeforeCluster) => void
}

/**
 * Finds, or starts, the Docker engine, the tools, the cluster and the image registry, in this order. Each step is safe
 * to repeat. Throws what the steps throw (see `readyEngine`, `readyTools`, `readyCluster`, `readyExisting`,
 * `readyRoute`).
 */
export async function readyPlatform(
  ctx: CliContext,
  config: LoadedConfig,
  { progress, wantedPorts, beforeCluster, onCreate }: PlatformOptions,
): Promise<Platform> {
  const { signal, env } = ctx
  const own = ctx.paths.project(config.name)
  const engine = ctx.engine()
  const { info, provider } = await progress.step('Tools', async (say) => {
    const info = await readyEngine(ctx, say)
    const provider = await readyTools(ctx, engine, config, say)
    return { value: { info, provider }, note: [`docker ${info.version}`, provider?.note ?? ''].join('  ').trim() }
  })
  await beforeCluster(info)
  const builder: ImageBuilder = imageBuilder({
    client: engine.client,
    images: engine.images,
    runner: ctx.runner,
  })
  const standIns: string[] = []
  const onStandIn = (wanted: string, source: string) =>
    void standIns.push(`${wanted} cannot be pulled: ${source} of the kit stands in for it`)
  const supply: Supply = {
    engine,
    builder,
    loader: imageLoader(engine),
    seen: seenImages(ctx.paths.seenImages),
    offersKit: kitOffers(),
    credentials: credentialSource({ env, runner: ctx.runner, signal }),
    buildKit: (references, onLine, either) => buildWithKit(ctx, { only: references, onStandIn }, onLine, either),
  }
  const started = beginRegistry(ctx, config, supply)
  const cluster =
    provider === undefined
      ? await readyExisting(ctx, config, engine, progress)
      : await readyCluster(ctx, config, {
          ...{ supply, provider, kubeconfig: own.kubeconfig, wantedPorts, progress },
          onCreate: () => onCreate?.({ supply, registry: started }),
        })
  const route = await readyRoute(ctx, config, { supply, cluster, started, progress })
  await rewriteKubeconfig(own.kubeconfig)
  const { kube, streams } = await connectKube(own.kubeconfig, cluster.context)
  if (route.registry !== undefined) await announceRegistry(kube, route.registry, signal)
  const { name, context, nodes, ports } = cluster
  return { supply, standIns, route, cluster: { name, context }, nodes, ports, kube, streams }
}
