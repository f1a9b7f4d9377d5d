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
import { networkOf, type ReadyCluster } from './ready-cluster.ts'
import { projectJournal, type ReadyProvider } from './tools.ts'

export interface ClusterDeps {
  readonly supply: Supply
  readonly provider: ReadyProvider
  readonly kubeconfig: string
  /** What presets want to be reached at. */
  readonly wantedPorts: readonly WantedPort[]
}

/**
 * Creates the project's cluster, starts it, or finds it running. What a killed run left half made is removed and made anew.
 * Throws CLUSTER_FOREIGN for one of that name that devk did not make, PORT_TAKEN before anything is created.
 */
export async function readyCluster(
  ctx: CliContext,
  config: LoadedConfig,
  deps: ClusterDeps,
  progress: Progress,
): Promise<ReadyCluster> {
  const { provider, kubeconfig, supply } = deps
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
    // Safe to repeat: it proves whose the cluster is and that it is as configured, and writes the kubeconfig. A Minikube that was paused is
    // started for that.
    const note = `${provider.contextName(name)}  checked`
    await stepIfSlow(progress, 'Cluster', note, (say) => provider.create(spec, kubeconfig, say, signal))
    return ready()
  }
  requireSizes(spec, { cpu: cpus * 1000, memory: memoryBytes })
  // Minikube fetches its node image by itself.
  const fetched = state.state === 'absent' && provider.name === 'kind'
  const image = fetched ? await nodeImage(spec, config, deps, progress, signal) : spec.image
  return progress.step('Cluster', async (say) => {
    await provider.create({ ...spec, image }, kubeconfig, say, signal)
    const how = state.state === 'stopped' && isWhole ? ', started again' : otherPorts(deps.wantedPorts, spec)
    return { value: await ready(), note: `${provider.contextName(name)}  ${nodeWords(spec)}${how}` }
  })
}

/** What kind 0.30 runs in front of several control planes. */
const balancerImage = 'kindest/haproxy:v20230606-42a2262b'

/** Has the node image on the engine; where the published one cannot be pulled, and none is configured, the kit's own. */
async function nodeImage(
  spec: ClusterSpec,
  config: LoadedConfig,
  { supply, provider }: ClusterDeps,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const planes = spec.nodes.filter(({ role }) => role === 'control-plane').length
  // What newer ones run in front of several control planes is theirs to fetch.
  const others = planes > 1 && inRange(provider.toolVersion, '<0.31.0') ? [balancerImage] : []
  return progress.step('Node image', async (say) => {
    const fetched = await fetchImages(supply, [spec.image, ...others], say, signal).then(
      () => spec.image,
      async (error: unknown) => {
        const missing = error instanceof DevkError && error.code === 'IMAGE_MISSING'
        if (!missing || config.cluster.image !== undefined) throw error
        await fetchImages(supply, [kitImage, ...others], say, signal)
        return kitImage
      },
    )
    return { value: fetched, note: fetched }
  })
}

async function nodesOf({ provider }: ClusterDeps, name: string, signal: AbortSignal): Promise<readonly ClusterNode[]> {
  const state = await provider.inspect(name, signal)
  if (state.state === 'running') return state.nodes
  throw new DevkError('CLUSTER_FAILED', `The cluster ${name} was made, but its nodes do not run`, {
    hint: `docker ps -a --filter name=${name} shows them; devk up tries again.`,
  })
}

function nodeWords({ nodes }: ClusterSpec): string {
  const planes = nodes.filter(({ role }) => role === 'control-plane').length
  const workers = nodes.length - planes
  return [count(planes, 'control plane'), ...(workers > 0 ? [count(workers, 'worker')] : [])].join(', ')
}

/** Ports that are not the first choice of a preset, since that one is taken. */
function otherPorts(wanted: readonly WantedPort[], { ports }: ClusterSpec): string {
  const others = ports.filter(({ host, node, preset }) => {
    const best = wanted.find((each) => each.node === node)?.host[0]
    return preset === true && best !== undefined && best !== host
  })
  return others.map(({ host, node }) => `, port ${node} at localhost:${host}`).join('')
}
