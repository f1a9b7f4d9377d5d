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
import { thawNodes } from './thaw.ts'

/** What the Minikube provider needs. */
export interface MinikubeDeps {
  readonly runner: Pick<Runner, 'run'>
  readonly engine: ClusterEngine
  /** The project whose clusters these are. */
  readonly project: string
  /** The journal of the project. The entry `cluster` is written before anything is created. */
  readonly journal: Journal
  readonly portOwner: FindPortOwner
  /** The PATH to find minikube on. */
  readonly path: string
  readonly root: boolean
  /** Stops leftover processes with all these arguments. */
  readonly endOrphans: (args: readonly string[]) => Promise<unknown>
}

const readyTimeoutMs = 300_000

/**
 * Clusters of Minikube, through its CLI, with the docker driver and containerd. A profile belongs to the project when
 * the journal has the ids of its containers, or when the cluster has a note of its owner (owner.ts). Every method that
 * changes a cluster or returns access to it throws CLUSTER_FOREIGN for any other cluster.
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

  /** The containers of a profile of this project; [] when no profile has this name. */
  const own = async (profile: string, signal: AbortSignal): Promise<readonly ContainerInfo[]> => {
    const containers = await profileContainers(engine, profile, signal)
    if (containers.length > 0) {
      if ((await ownerOf(profile, containers, signal)) === project) return containers
      throw foreign(profile, `The Minikube profile ${profile} already exists`)
    }
    // minikube 1.38 deletes any container with the name of the profile.
    if ((await engine.containers.inspect(profile, signal)) !== undefined) {
      throw foreign(profile, `A container with the name ${profile} already exists`)
    }
    if ((await journal.find('cluster', profile)) === undefined && (await cli.exists(profile, signal))) {
      throw foreign(profile, `The Minikube profile ${profile} already exists`)
    }
    return []
  }

  const start = async (spec: ClusterSpec, file: string, onLine: (line: string) => void, signal: AbortSignal) => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    // minikube would merge into an existing file.
    await rm(file, { force: true })
    await cli.start(spec, file, onLine, signal)
    const names = profileNodes(spec)
    await waitForNodes(engine, names, { timeoutMs: readyTimeoutMs, signal, onReason: onLine })
    await setLabelsAndTaints(spec, names, signal)
    await limitNodes(engine, spec.nodes, names, { timeoutMs: readyTimeoutMs, signal })
  }

  /** `minikube start` has no flags for labels and taints. */
  const setLabelsAndTaints = async ({ name, nodes }: ClusterSpec, names: readonly string[], signal: AbortSignal) => {
    for (const [index, node] of nodes.entries()) {
      const target = names[index] ?? ''
      const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`)
      if (labels.length > 0)
        await nodeKubectl(engine, name, ['label', 'node', target, '--overwrite', ...labels], { signal })
      if (node.taints.length > 0) {
        await nodeKubectl(engine, name, ['taint', 'node', target, '--overwrite', ...node.taints], { signal })
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
    // A minikube process that is left over from a killed devk would continue to create what is being deleted.
    await deps.endOrphans(['start', '-p', profile, '-o', 'json', '--interactive=false', '--embed-certs'])
    const containers = await engine.containers.list([], signal)
    const isNode = await profileContainers(engine, profile, signal)
    // The loopback registry is attached to the network of the profile. minikube cannot remove the network while it is.
    for (const { id, name, networks } of containers) {
      if (profile in networks && !isNode.some((node) => node.id === id))
        await engine.networks.disconnect(profile, name, signal)
    }
    await thawNodes(engine, isNode, signal)
    await cli.delete(profile, kubeconfig, signal)
    const remaining = await profileContainers(engine, profile, signal)
    // minikube 1.38 may not remove the network of a profile with several nodes.
    if (remaining.length === 0) return removeProfileNetwork(engine, profile, signal)
    throw new DevkError('CLUSTER_FAILED', `minikube did not remove ${remaining.map(({ name }) => name).join(', ')}`, {
      hint: 'Run devk down again.',
    })
  }

  const isComplete = async (profile: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
    const entry = await journal.find('cluster', profile)
    if (entry !== undefined) return entry.state === 'made' && containers.length > 0
    const [first] = containers
    return first !== undefined && (await readOwner(engine, first.name, signal)) === project
  }

  /** Kubernetes may be stopped or paused in a running container. A start then brings it back. */
  const isRunning = async (profile: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
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
      const existing = await own(spec.name, signal)
      const entry = await journal.find('cluster', spec.name)
      if (await isComplete(spec.name, existing, signal)) {
        requireShape(entry?.facts.shape, spec)
        requireNodes(spec.name, entry?.facts.nodes, existing)
        if (await isRunning(spec.name, existing, signal)) await cli.updateContext(spec.name, kubeconfig, signal)
        else await start(spec, kubeconfig, onLine, signal)
        return record(spec, signal)
      }
      if (entry !== undefined || existing.length > 0) await remove(spec.name, kubeconfig, signal)
      await requireFreePorts(engine, spec.ports, deps.portOwner, signal)
      await journal.begin('cluster', spec.name, facts)
      await start(spec, kubeconfig, onLine, signal)
      // The last step, so that a cluster with this note is complete.
      await writeOwner(engine, spec.name, project, signal)
      await record(spec, signal)
    },
    async start(profile, kubeconfig, signal) {
      const existing = await own(profile, signal)
      const entry = await journal.find('cluster', profile)
      requireNodes(profile, entry?.facts.nodes, existing)
      const spec = parseSpec(entry?.facts.spec)
      if (spec === undefined) {
        throw new DevkError('CLUSTER_MISSING', `The cluster ${profile} is not complete`, { hint: 'Run devk up.' })
      }
      await start(spec, kubeconfig, () => {}, signal)
    },
    async kubeconfig(profile, file, signal) {
      await own(profile, signal)
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await cli.updateContext(profile, file, signal)
    },
    async delete(profile, kubeconfig, signal) {
      const existing = await own(profile, signal)
      const entry = await journal.find('cluster', profile)
      if (existing.length > 0 || entry !== undefined) await remove(profile, kubeconfig, signal)
      await rm(kubeconfig, { force: true })
      if (entry !== undefined) await journal.remove(entry.id)
    },
  }
}

const facts = { provider: 'minikube' } as const

function parseSpec(text: string | undefined): ClusterSpec | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as ClusterSpec)
}

function requireNodes(profile: string, expected: string | undefined, existing: readonly ContainerInfo[]): void {
  const missing = (expected?.split(' ') ?? []).filter((name) => !existing.some((container) => container.name === name))
  if (missing.length === 0) return
  throw new DevkError('CLUSTER_FAILED', `The cluster ${profile} no longer has ${missing.join(', ')}`, {
    hint: 'To create it again, run devk down, then devk up.',
  })
}

function foreign(profile: string, what: string): DevkError {
  return new DevkError('CLUSTER_FOREIGN', `${what}, and this project did not create it`, {
    details: ['Nothing was changed.'],
    hint: `Set cluster.name to another name. If it is yours, you can also delete it: minikube delete -p ${profile}`,
  })
}
