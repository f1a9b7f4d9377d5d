import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import {
  connectNodes,
  ensureRegistry,
  type Registry,
  registryContainer,
  registryImage,
} from '../images/registry/registry.ts'
import type { Progress } from '../terminal/progress.ts'
import { fetchImages, type Supply } from './image-sources.ts'
import type { ReadyCluster } from './ready-cluster.ts'

/** How images get from the engine to the nodes. */
export interface ImageRoute {
  /** What built images are named below: `localhost:5001`, `registry.example.com/team`. */
  readonly prefix: string
  /** Containers of the nodes that devk brings images to. */
  readonly nodes: readonly string[]
  /** The loopback registry that these nodes pull from; without it they get archives. */
  readonly registry: Registry | undefined
  /** Images are pushed to `prefix`, and the nodes pull them, and all others, by themselves. */
  readonly remote: boolean
}

/** First part of the names of images that are in no registry. */
export const noRegistry = 'devk.local'

/**
 * Has the loopback registry run, where it was made before and this project uses it, while something else goes on; undefined where not.
 * What it throws is thrown to who awaits it.
 */
export function beginRegistry(ctx: CliContext, config: LoadedConfig, supply: Supply): Promise<Registry | undefined> {
  const begin = async () => {
    if (config.cluster.provider === 'existing') return undefined
    const there = await supply.engine.containers.inspect(registryContainer, ctx.signal)
    return there === undefined ? undefined : startRegistry(ctx, supply)
  }
  const begun = begin()
  begun.catch(() => {})
  return begun
}

function startRegistry(ctx: CliContext, supply: Supply): Promise<Registry> {
  const place = { dataFolder: ctx.paths.registry, container: registryContainer }
  return ensureRegistry(supply.engine, place, ctx.signal)
}

/**
 * Makes the way for images: the loopback registry for clusters that devk made, the configured registry for an existing one, or archives
 * when its nodes are containers of this engine. Throws CONFIG_INVALID when there is no way.
 */
export async function readyRoute(
  ctx: CliContext,
  config: LoadedConfig,
  supply: Supply,
  cluster: Pick<ReadyCluster, 'nodes' | 'network'>,
  progress: Progress,
  begun: Promise<Registry | undefined>,
): Promise<ImageRoute> {
  const { registry, context } = config.cluster
  const { network } = cluster
  const nodes = cluster.nodes.flatMap(({ container }) => container ?? [])
  if (network === undefined) {
    if (registry !== undefined) return { prefix: registry, nodes: [], registry: undefined, remote: true }
    if (nodes.length > 0 && nodes.length === cluster.nodes.length)
      return { prefix: noRegistry, nodes, registry: undefined, remote: false }
    if (buildsNothing(config)) return { prefix: noRegistry, nodes: [], registry: undefined, remote: true }
    throw new DevkError('CONFIG_INVALID', `The nodes of ${context} cannot get the images that are built here`, {
      details: ['They are no containers of this machine, and cluster.registry is not set. Nothing was changed.'],
      hint: 'Set cluster.registry to one that you may push to and the nodes pull from: registry.example.com/team.',
    })
  }
  return progress.step('Registry', async (say) => {
    const started = await begun
    if (started === undefined) await fetchImages(supply, [registryImage], say, ctx.signal)
    const running = started ?? (await startRegistry(ctx, supply))
    await connectNodes(supply.engine, running, nodes, ctx.signal, network)
    return { value: { prefix: running.host, nodes, registry: running, remote: false }, note: running.host }
  })
}

function buildsNothing({ services, externals }: LoadedConfig): boolean {
  return [...Object.values(services), ...Object.values(externals)].every(({ build }) => build === undefined)
}
