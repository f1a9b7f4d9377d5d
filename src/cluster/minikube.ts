import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ContainerInfo } from '../engine/api.ts'
import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import type { FindPortOwner } from '../host/port-owner.ts'
import type { Journal } from '../state/journal.ts'
import { requireFreePorts } from './host-ports.ts'
import { minikubeCli } from './minikube-cli.ts'
import {
  minikubeKubectl,
  profileContainers,
  profileNodes,
  removeProfileNetwork,
  toProfileNodes,
} from './minikube-nodes.ts'
import { nodeKubectl, waitForNodes } from './node-kubectl.ts'
import { limitNodes } from './node-limits.ts'
import type { ClusterEngine } from './nodes.ts'
import { readOwner, writeOwner } from './owner.ts'
import type { ClusterProvider, ClusterSpec } from './provider.ts'
import { requireShape, shapeOf } from './shape.ts'

export interface MinikubeDeps {
  readonly runner: Pick<Runner, 'run'>
  readonly engine: ClusterEngine
  /** The project whose clusters these are. */
  readonly project: string
  /** The project's journal; its entry `cluster` is written here, before anything is made. */
  readonly journal: Journal
  readonly portOwner: FindPortOwner
  /** The PATH that minikube is found on. */
  readonly path: string
  readonly root: boolean
  /** Ends the programs that have all these arguments, and that nobody else's has. */
  readonly endOrphans: (args: readonly string[]) => Promise<unknown>
}

const readyTimeoutMs = 300_000

/**
 * Minikube by its CLI, with its docker driver and containerd. A profile is the project's when the journal holds its containers' ids, or when
 * the cluster itself says so (owner.ts). Every method that changes or hands out a cluster throws CLUSTER_FOREIGN for any other one.
 */
export function minikubeProvider(deps: MinikubeDeps): ClusterProvider {
  const { journal, project } = deps
  const engine: ClusterEngine = { ...deps.engine, kubectl: minikubeKubectl }
  const cli = minikubeCli(deps)

  const ownerOf = async (profile: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
    const entry = await journal.find('cluster', profile)
    const ids = entry?.facts.ids?.split(' ') ?? []
    if (entry?.state === 'begun' || (entry && containers.every(({ id }) => ids.includes(id)))) return project
    const [first] = containers
    return first?.state === 'running' ? readOwner(engine, first.name, signal) : undefined
  }

  /** The containers of a profile that is the project's own; [] when nobody has one of that name. */
  const own = async (profile: string, signal: AbortSignal): Promise<readonly ContainerInfo[]> => {
    const containers = await profileContainers(engine, profile, signal)
    if (containers.length > 0) {
      if ((await ownerOf(profile, containers, signal)) === project) return containers
      throw foreign(profile, `A Minikube profile named ${profile} is there`)
    }
    // minikube 1.38 deletes a container of the profile's name, whoever made it.
    if ((await engine.containers.inspect(profile, signal)) !== undefined) {
      throw foreign(profile, `A container named ${profile} is there`)
    }
    if ((await journal.find('cluster', profile)) === undefined && (await cli.exists(profile, signal))) {
      throw foreign(profile, `A Minikube profile named ${profile} is there`)
    }
    return []
  }

  const start = async (spec: ClusterSpec, file: string, onLine: (line: string) => void, signal: AbortSignal) => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    // minikube would add to what is in the file.
    await rm(file, { force: true })
    await cli.start(spec, file, onLine, signal)
    const names = profileNodes(spec)
    await waitForNodes(engine, names, { timeoutMs: readyTimeoutMs, signal, onReason: onLine })
    await adorn(spec, names, signal)
    await limitNodes(engine, spec.nodes, names, { timeoutMs: readyTimeoutMs, signal })
  }

  /** Labels and taints, which minikube's start knows no flags for. */
  const adorn = async ({ name, nodes }: ClusterSpec, names: readonly string[], signal: AbortSignal) => {
    for (const [index, node] of nodes.entries()) {
      const target = names[index] ?? ''
      const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`)
      if (labels.length > 0)
        await nodeKubectl(engine, name, ['label', 'node', target, '--overwrite', ...labels], signal)
      if (node.taints.length > 0) {
        await nodeKubectl(engine, name, ['taint', 'node', target, '--overwrite', ...node.taints], signal)
      }
    }
  }

  const record = async (spec: ClusterSpec, signal: AbortSignal) => {
    const containers = await profileContainers(engine, spec.name, signal)
    const entry = (await journal.find('cluster', spec.name)) ?? (await journal.begin('cluster', spec.name, facts))
    const ids = containers.map(({ id }) => id).join(' ')
    const nodes = containers.map(({ name }) => name).join(' ')
    await journal.made(entry.id, { ids, nodes, shape: shapeOf(spec), spec: JSON.stringify(spec) })
  }

  const remove = async (profile: string, kubeconfig: string, signal: AbortSignal) => {
    // A minikube that outlived the devk that started it would go on with what is being deleted.
    await deps.endOrphans(['start', '-p', profile, '-o', 'json', '--interactive=false', '--embed-certs'])
    const containers = await engine.containers.list([], signal)
    const isNode = await profileContainers(engine, profile, signal)
    // The loopback registry is on the profile's network; with it there minikube would leave the network behind.
    for (const { id, name, networks } of containers) {
      if (profile in networks && !isNode.some((node) => node.id === id))
        await engine.networks.disconnect(profile, name, signal)
    }
    await cli.delete(profile, kubeconfig, signal)
    const left = await profileContainers(engine, profile, signal)
    // minikube 1.38 may leave the network of a profile with several nodes.
    if (left.length === 0) return removeProfileNetwork(engine, profile, signal)
    throw new DevkError('CLUSTER_FAILED', `minikube left ${left.map(({ name }) => name).join(', ')} behind`, {
      hint: 'Run devk down again.',
    })
  }

  const isWhole = async (profile: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
    const entry = await journal.find('cluster', profile)
    if (entry !== undefined) return entry.state === 'made' && containers.length > 0
    const [first] = containers
    return first !== undefined && (await readOwner(engine, first.name, signal)) === project
  }

  /** A container may run while what is in it was stopped or paused: a start mends that. */
  const isUp = async (profile: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
    if (containers.some(({ state }) => state !== 'running')) return false
    const nodes = await cli.status(profile, signal)
    const runs = (word: string) => word === 'Running' || word === 'Irrelevant'
    return nodes.length === containers.length && nodes.every((node) => runs(node.Kubelet) && runs(node.APIServer))
  }

  return {
    name: 'minikube',
    contextName: (profile) => profile,
    version: (signal) => cli.version(signal),
    async inspect(profile, signal) {
      const containers = await profileContainers(engine, profile, signal)
      if (containers.length === 0) return { state: 'absent' }
      const spec = parseSpec((await journal.find('cluster', profile))?.facts.spec)
      const planes = spec?.nodes.filter(({ role }) => role === 'control-plane').length ?? 1
      const state = containers.every((container) => container.state === 'running') ? 'running' : 'stopped'
      return { state, nodes: toProfileNodes(containers, planes), ownedBy: await ownerOf(profile, containers, signal) }
    },
    async create(spec, kubeconfig, onLine, signal) {
      const there = await own(spec.name, signal)
      const entry = await journal.find('cluster', spec.name)
      if (await isWhole(spec.name, there, signal)) {
        requireShape(entry?.facts.shape, spec)
        requireNodes(spec.name, entry?.facts.nodes, there)
        if (await isUp(spec.name, there, signal)) await cli.updateContext(spec.name, kubeconfig, signal)
        else await start(spec, kubeconfig, onLine, signal)
        return record(spec, signal)
      }
      if (entry !== undefined || there.length > 0) await remove(spec.name, kubeconfig, signal)
      await requireFreePorts(engine, spec.ports, deps.portOwner, signal)
      await journal.begin('cluster', spec.name, facts)
      await start(spec, kubeconfig, onLine, signal)
      // The last step, so that a cluster with this note is a whole one.
      await writeOwner(engine, spec.name, project, signal)
      await record(spec, signal)
    },
    async start(profile, kubeconfig, signal) {
      const there = await own(profile, signal)
      const entry = await journal.find('cluster', profile)
      requireNodes(profile, entry?.facts.nodes, there)
      const spec = parseSpec(entry?.facts.spec)
      if (spec === undefined) {
        throw new DevkError('CLUSTER_MISSING', `There is no whole cluster ${profile}`, { hint: 'Run devk up.' })
      }
      await start(spec, kubeconfig, () => {}, signal)
    },
    async kubeconfig(profile, file, signal) {
      await own(profile, signal)
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await cli.updateContext(profile, file, signal)
    },
    async delete(profile, kubeconfig, signal) {
      const there = await own(profile, signal)
      const entry = await journal.find('cluster', profile)
      if (there.length > 0 || entry !== undefined) await remove(profile, kubeconfig, signal)
      await rm(kubeconfig, { force: true })
      if (entry !== undefined) await journal.remove(entry.id)
    },
  }
}

const facts = { provider: 'minikube' } as const

function parseSpec(text: string | undefined): ClusterSpec | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as ClusterSpec)
}

function requireNodes(profile: string, expected: string | undefined, there: readonly ContainerInfo[]): void {
  const lost = (expected?.split(' ') ?? []).filter((name) => !there.some((container) => container.name === name))
  if (lost.length === 0) return
  throw new DevkError('CLUSTER_FAILED', `The cluster ${profile} has lost ${lost.join(', ')}`, {
    hint: 'Run devk down, then devk up, to make it anew.',
  })
}

function foreign(profile: string, what: string): DevkError {
  return new DevkError('CLUSTER_FOREIGN', `${what}, and this project did not make it`, {
    details: ['Nothing was changed.'],
    hint: `Set cluster.name to another name, or remove it, if it is yours: minikube delete -p ${profile}`,
  })
}
