import { isTaken } from '../cluster/host-ports.ts'
import { kitImage, nodeImageFor } from '../cluster/node-image.ts'
import { requireSizes } from '../cluster/node-size.ts'
import { presetPorts, type WantedPort } from '../cluster/preset-ports.ts'
import type { ClusterNode, ClusterSpec } from '../cluster/provider.ts'
import { portsOf } from '../cluster/shape.ts'
import { clusterSpec, configuredPorts, minikubeSpec } from '../cluster/spec.ts'
import type { LoadedConfig } from '../config/schema.ts'
import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import { count } from '../lib/text.ts'
import { inRange } from '../lib/version.ts'
import { type Progress, stepIfSlow } from '../terminal/progress.ts'
import { fetchImages, type Supply } from './image-sources.ts'
import { fetchOwnImages } from './own-images.ts'
import { networkOf, type ReadyCluster } from './ready-cluster.ts'
import { projectJournal, type ReadyProvider } from './tools.ts'

/** What creating a cluster needs. */
export interface ClusterDeps {
  readonly supply: Supply
  readonly provider: ReadyProvider
  readonly kubeconfig: string
  /** Ports of the cluster that presets need on this machine. */
  readonly wantedPorts: readonly WantedPort[]
  readonly progress: Progress
  /** Called before a new cluster is created. */
  readonly onCreate: () => void
}

/**
 * Finds the project's cluster running, starts it, or creates it. A cluster that an interrupted run created only in part
 * is deleted and created again. Throws CLUSTER_FOREIGN when devk did not create the cluster of that name, and
 * PORT_TAKEN before it creates anything.
 */
export async function readyCluster(ctx: CliContext, config: LoadedConfig, deps: ClusterDeps): Promise<ReadyCluster> {
  const { provider, kubeconfig, supply, progress } = deps
  const { signal } = ctx
  const name = config.cluster.name ?? config.name
  const state = await provider.inspect(name, signal)
  const { cgroupVersion, cpus, memoryBytes } = await supply.engine.images.info(signal)
  const entry = await projectJournal(ctx, config.name).find('cluster', name)
  const isWhole = entry?.state === 'made'
  const shape = state.state !== 'absent' && isWhole ? entry.facts.shape : undefined
  const extra = await presetPorts(deps.wantedPorts, {
    configured: configuredPorts(config),
    made: shape === undefined ? undefined : portsOf(shape),
    isTaken,
  })
  const spec =
    provider.name === 'kind'
      ? clusterSpec(config, nodeImageFor({ cgroupVersion, kindVersion: provider.toolVersion }), extra)
      : minikubeSpec(config, cgroupVersion, extra)
  const ready = async (): Promise<ReadyCluster> => ({
    name,
    context: provider.contextName(name),
    nodes: await nodesOf(deps, name, signal),
    network: networkOf(provider.name, name),
    ports: spec.ports,
  })
  if (state.state === 'running' && isWhole) {
    // This is safe to repeat: it checks that devk created the cluster and that it is as configured, and writes the
    // kubeconfig. A paused Minikube is started for that.
    const note = `${provider.contextName(name)}  checked`
    await stepIfSlow(progress, 'Cluster', note, (say) => provider.create(spec, kubeconfig, say, signal))
    return ready()
  }
  requireSizes(spec, { cpu: cpus * 1000, memory: memoryBytes })
  if (state.state === 'absent' || !isWhole) deps.onCreate()
  // Minikube pulls its node image itself.
  const fetched = state.state === 'absent' && provider.name === 'kind'
  const image = fetched ? await nodeImage(spec, config, deps, signal) : spec.image
  return progress.step('Cluster', async (say) => {
    await provider.create({ ...spec, image }, kubeconfig, say, signal)
    const how = state.state === 'stopped' && isWhole ? ', restarted' : otherPorts(deps.wantedPorts, spec)
    return { value: await ready(), note: `${provider.contextName(name)}  ${nodeWords(spec)}${how}` }
  })
}

/** The load balancer that kind 0.30 runs in front of several control planes. */
const balancerImage = 'kindest/haproxy:v20230606-42a2262b'

/**
 * Makes sure that the engine has the node image, and returns its name. When the published image cannot be pulled and
 * the configuration names none, the kit builds one.
 */
async function nodeImage(
  spec: ClusterSpec,
  config: LoadedConfig,
  { supply, provider, progress }: ClusterDeps,
  signal: AbortSignal,
): Promise<string> {
  const planes = spec.nodes.filter(({ role }) => role === 'control-plane').length
  // Newer versions of kind pull their own load balancer.
  const others = planes > 1 && inRange(provider.toolVersion, '<0.31.0') ? [balancerImage] : []
  return progress.step('Node image', async (say) => {
    const fetch = async (reference: string) => {
      // The configuration may name any image: what it names may change.
      const own = [reference, ...others].filter((each) => each !== config.cluster.image)
      if (own.length < others.length + 1) await fetchImages(supply, [reference], say, signal)
      const images = own.map((each) => ({ reference: each }))
      await fetchOwnImages(supply, images, say, signal)
    }
    const fetched = await fetch(spec.image).then(
      () => spec.image,
      async (error: unknown) => {
        const missing = error instanceof DevkError && error.code === 'IMAGE_MISSING'
        if (!missing || config.cluster.image !== undefined) throw error
        await fetch(kitImage)
        return kitImage
      },
    )
    return { value: fetched, note: fetched }
  })
}

async function nodesOf({ provider }: ClusterDeps, name: string, signal: AbortSignal): Promise<readonly ClusterNode[]> {
  const state = await provider.inspect(name, signal)
  if (state.state === 'running') return state.nodes
  throw new DevkError('CLUSTER_FAILED', `The cluster ${name} was created, but its nodes are not running`, {
    hint: `Run docker ps -a --filter name=${name} to see them. devk up tries again.`,
  })
}

function nodeWords({ nodes }: ClusterSpec): string {
  const planes = nodes.filter(({ role }) => role === 'control-plane').length
  const workers = nodes.length - planes
  return [count(planes, 'control plane'), ...(workers > 0 ? [count(workers, 'worker')] : [])].join(', ')
}

/** The ports on this machine that differ from a preset's first choice, because that one is in use. */
function otherPorts(wanted: readonly WantedPort[], { ports }: ClusterSpec): string {
  const others = ports.filter(({ host, node, preset }) => {
    const best = wanted.find((each) => each.node === node)?.host[0]
    return preset === true && best !== undefined && best !== host
  })
  return others.map(({ host, node }) => `, port ${node} on localhost:${host}`).join('')
}
