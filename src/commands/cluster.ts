import type { CliContext } from '../cli/context.ts'
import type { ClusterNode, ClusterSpec } from '../cluster/provider.ts'
import { nodeImageFor } from '../cluster/node-image.ts'
import { clusterSpec } from '../cluster/spec.ts'
import type { LoadedConfig } from '../config/schema.ts'
import { DevkError } from '../errors.ts'
import { count } from '../lib/text.ts'
import { portOwner } from '../lib/port-owner.ts'
import type { Journal } from '../state/journal.ts'
import { fetchImages, type Supply } from './image-supply.ts'
import type { Progress } from './steps.ts'
import type { Tools } from './tools.ts'

export interface ClusterDeps {
  readonly supply: Supply
  readonly tools: Tools
  readonly journal: Journal
  readonly kubeconfig: string
}

export interface ReadyCluster {
  readonly name: string
  readonly context: string
  readonly nodes: readonly ClusterNode[]
}

/**
 * Creates the project's cluster, starts it, or finds it running. What a killed run left half made is removed and made anew.
 * Throws CLUSTER_FOREIGN for one of that name that devk did not make, PORT_TAKEN before anything is created.
 */
export async function readyCluster(ctx: CliContext, config: LoadedConfig, deps: ClusterDeps, progress: Progress): Promise<ReadyCluster> {
  const { tools, journal, kubeconfig, supply } = deps
  const { provider } = tools
  const { signal } = ctx
  const name = config.cluster.name ?? config.name
  const state = await provider.inspect(name, signal)
  const entry = await journal.find('cluster', name)
  if (state.state !== 'absent' && entry === undefined) throw foreign(name)
  if (state.state === 'running' && entry?.state === 'made') {
    await provider.kubeconfig(name, kubeconfig, signal)
    return { name, context: provider.contextName(name), nodes: state.nodes }
  }
  if (state.state === 'stopped' && entry?.state === 'made') {
    return progress.step('Cluster', async () => {
      await provider.start(name, kubeconfig, signal)
      const nodes = await nodesOf(deps, name, signal)
      return { value: { name, context: provider.contextName(name), nodes }, note: `${name} started again` }
    })
  }
  const info = await supply.engine.images.info(signal)
  const image = config.cluster.image ?? nodeImageFor({ cgroupVersion: info.cgroupVersion, kindVersion: tools.kindVersion })
  const spec = clusterSpec(config, image)
  for (const { host } of spec.ports) await requireFree(host, config)
  if (state.state !== 'absent') await provider.delete(name, kubeconfig, signal)
  await progress.step('Node image', async (say) => {
    const images = spec.nodes.filter(({ role }) => role === 'control-plane').length > 1 ? [image, ...tools.balancerImages] : [image]
    await fetchImages(supply, images, say, signal)
    return { value: undefined, note: image }
  })
  return progress.step('Cluster', async (say) => {
    const { id } = await journal.begin('cluster', name, { provider: provider.name, root: config.root })
    await provider.create(spec, kubeconfig, say, signal)
    await journal.made(id)
    const nodes = await nodesOf(deps, name, signal)
    return { value: { name, context: provider.contextName(name), nodes }, note: `${provider.contextName(name)}  ${nodeWords(spec)}` }
  })
}

async function nodesOf({ tools }: ClusterDeps, name: string, signal: AbortSignal): Promise<readonly ClusterNode[]> {
  const state = await tools.provider.inspect(name, signal)
  if (state.state === 'running') return state.nodes
  throw new DevkError('CLUSTER_FAILED', `The cluster ${name} was made, but its nodes do not run`, {
    hint: `docker ps -a --filter label=io.x-k8s.kind.cluster=${name} shows them; devk up tries again.`,
  })
}

function nodeWords({ nodes }: ClusterSpec): string {
  const planes = nodes.filter(({ role }) => role === 'control-plane').length
  const workers = nodes.length - planes
  return [count(planes, 'control plane'), ...(workers > 0 ? [count(workers, 'worker')] : [])].join(', ')
}

async function requireFree(port: number, config: LoadedConfig): Promise<void> {
  const owner = await portOwner(port)
  if (owner === undefined) return
  throw new DevkError('PORT_TAKEN', `Port ${port} is taken by ${owner.command} (pid ${owner.pid})`, {
    details: [`The cluster maps it to a node port (${config.file}, cluster.ports).`, 'Nothing was changed.'],
    hint: 'Stop that program, or choose another port and run devk up again.',
  })
}

function foreign(name: string): DevkError {
  return new DevkError('CLUSTER_FOREIGN', `A cluster named ${name} is there, and devk did not make it`, {
    details: ['Nothing was changed.'],
    hint: `Set cluster.name to another name, or remove that cluster: kind delete cluster --name ${name}`,
  })
}
