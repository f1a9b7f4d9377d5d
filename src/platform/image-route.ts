import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import { connectNodes } from '../images/registry/nodes.ts'
import { ensureRegistry, type Registry, registryContainer, registryImage } from '../images/registry/registry.ts'
import type { Progress } from '../terminal/progress.ts'
import type { Supply } from './image-sources.ts'
import { fetchOwnImages } from './own-images.ts'
import { ownRegistry } from './own-registry.ts'
import type { ReadyCluster } from './ready-cluster.ts'

/** How images get from the engine to the nodes. */
export interface ImageRoute {
  /** First part of the names of built images: `localhost:5001`, `registry.example.com/team`. */
  readonly prefix: string
  /** Containers of the nodes that devk loads images onto. */
  readonly nodes: readonly string[]
  /** The loopback registry that these nodes pull from; without it devk loads archives. */
  readonly registry: Registry | undefined
  /** devk pushes built images to `prefix`, and the nodes pull all images themselves. */
  readonly remote: boolean
  /** Makes the registry again when its container was removed or stopped. Call it before an image is loaded. */
  readonly renew?: (signal: AbortSignal) => Promise<void>
}

/** First part of the names of built images when there is no registry. */
export const noRegistry = 'devk.local'

/**
 * Starts the loopback registry in the background, when its container exists and this project uses it; resolves with
 * undefined otherwise. A failure rejects the promise, and counts as handled until somebody awaits it.
 */
export function beginRegistry(ctx: CliContext, config: LoadedConfig, supply: Supply): Promise<Registry | undefined> {
  const begin = async () => {
    if (config.cluster.provider === 'existing') return undefined
    const container = await supply.engine.containers.inspect(registryContainer, ctx.signal)
    return container === undefined ? undefined : startRegistry(ctx, supply)
  }
  const started = begin()
  started.catch(() => {})
  return started
}

function startRegistry(ctx: CliContext, supply: Supply, signal = ctx.signal): Promise<Registry> {
  return ensureRegistry(supply.engine, ownRegistry(ctx), signal)
}

/**
 * Returns what makes sure that a registry still runs. Its images are on this machine, so that a new container has them
 * all. Throws NOT_READY when it got another port: the names of all images contain the port.
 */
export function renewal(
  first: Pick<Registry, 'host'>,
  start: (signal: AbortSignal) => Promise<Registry>,
  connect: (registry: Registry, signal: AbortSignal) => Promise<void>,
): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    const running = await start(signal)
    if (running.host !== first.host) {
      throw new DevkError('NOT_READY', `The registry is at ${running.host} now, and was at ${first.host}`, {
        hint: 'Leave devk with Ctrl-C, and run devk up again.',
      })
    }
    await connect(running, signal)
  }
}

/** What preparing the route of images needs. */
export interface RouteDeps {
  readonly supply: Supply
  readonly cluster: Pick<ReadyCluster, 'nodes' | 'network'>
  /** The result of `beginRegistry`. */
  readonly started: Promise<Registry | undefined>
  readonly progress: Progress
}

/**
 * Prepares how images reach the nodes: through the loopback registry for a cluster that devk created; through the
 * configured registry for an existing one, or as archives when its nodes are containers of this engine. Throws
 * CONFIG_INVALID when none of these is possible.
 */
export async function readyRoute(
  ctx: CliContext,
  config: LoadedConfig,
  { supply, cluster, started, progress }: RouteDeps,
): Promise<ImageRoute> {
  const { registry, context } = config.cluster
  const { network } = cluster
  const nodes = cluster.nodes.flatMap(({ container }) => container ?? [])
  if (network === undefined) {
    if (registry !== undefined) return { prefix: registry, nodes: [], registry: undefined, remote: true }
    if (nodes.length > 0 && nodes.length === cluster.nodes.length)
      return { prefix: noRegistry, nodes, registry: undefined, remote: false }
    if (buildsNothing(config)) return { prefix: noRegistry, nodes: [], registry: undefined, remote: true }
    throw new DevkError('CONFIG_INVALID', `The nodes of ${context} cannot pull the images that devk builds`, {
      details: ['The nodes are not containers on this machine, and cluster.registry is not set. Nothing was changed.'],
      hint: 'Set cluster.registry to a registry that you can push to and the nodes can pull from.',
    })
  }
  return progress.step('Registry', async (say) => {
    const existing = await started
    if (existing === undefined) await fetchOwnImages(supply, [{ reference: registryImage }], say, ctx.signal)
    const running = existing ?? (await startRegistry(ctx, supply))
    const connect = (registry: Registry, signal: AbortSignal) =>
      connectNodes(supply.engine, registry, { nodes, network }, signal)
    await connect(running, ctx.signal)
    const renew = renewal(running, (signal) => startRegistry(ctx, supply, signal), connect)
    return { value: { prefix: running.host, nodes, registry: running, remote: false, renew }, note: running.host }
  })
}

function buildsNothing({ services, externals }: LoadedConfig): boolean {
  return [...Object.values(services), ...Object.values(externals)].every(({ build }) => build === undefined)
}
