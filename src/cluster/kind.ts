import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ContainerInfo, Engine } from '../engine/api.ts'
import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import type { FindPortOwner } from '../host/port-owner.ts'
import { byCodeUnits } from '../lib/order.ts'
import type { Journal, JournalEntry } from '../state/journal.ts'
import { encryptionFolder, writeEncryption } from './encryption.ts'
import { requireFreePorts } from './host-ports.ts'
import { clusterFailed, createArgs, kindCli } from './kind-cli.ts'
import { lateLabels, nodeNames } from './kind-config.ts'
import { noteNetwork, removeNetwork } from './network.ts'
import { nodeKubectl, waitForNodes } from './node-kubectl.ts'
import { limitNodes } from './node-limits.ts'
import { anonymousVolumes, removeVolumes } from './node-volumes.ts'
import { type ClusterEngine, clusterContainers, toNodes } from './nodes.ts'
import { readOwner, writeOwner } from './owner.ts'
import type { ClusterProvider, ClusterSpec } from './provider.ts'
import { apiServerReady } from './ready.ts'
import { nodesOf, requireShape, shapeOf } from './shape.ts'
import { thawNodes } from './thaw.ts'

/** What the kind provider needs. */
export interface KindDeps {
  readonly runner: Runner
  /** Path of kind. */
  readonly binary: string
  readonly engine: ClusterEngine & Pick<Engine, 'volumes'>
  /** The project whose clusters these are. */
  readonly project: string
  /** The journal of the project. The entry `cluster` is written before anything is created. */
  readonly journal: Journal
  /** The journal of what projects share: the Docker network. */
  readonly shared: Journal
  readonly portOwner: FindPortOwner
  /** Stops leftover processes with all these arguments. */
  readonly endOrphans: (args: readonly string[]) => Promise<unknown>
}

const readyTimeoutMs = 300_000

/**
 * Clusters of kind, through its CLI. Node containers have no labels except those of kind. So a cluster belongs to the
 * project when the journal has the ids of its containers, or when the cluster has a note of its owner (owner.ts). Every
 * method that changes a cluster or returns access to it throws CLUSTER_FOREIGN for any other cluster.
 */
export function kindProvider(deps: KindDeps): ClusterProvider {
  const { engine, journal, shared, project } = deps
  const cli = kindCli(deps)

  const ownerOf = async (cluster: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
    const entry = await journal.find('cluster', cluster)
    if (entry !== undefined && (entry.state === 'begun' || holdsAll(entry, containers))) return project
    const asked = toNodes(containers).find((node) => node.role === 'control-plane' && node.running)
    return asked === undefined ? undefined : readOwner(engine, asked.name, signal)
  }

  /** The containers of a cluster of this project; [] when no cluster has this name. */
  const own = async (cluster: string, signal: AbortSignal): Promise<readonly ContainerInfo[]> => {
    const containers = await clusterContainers(engine, cluster, signal)
    if (containers.length === 0 || (await ownerOf(cluster, containers, signal)) === project) return containers
    throw new DevkError(
      'CLUSTER_FOREIGN',
      `The cluster ${cluster} already exists, and this project did not create it`,
      {
        details: ['Nothing was changed.'],
        hint: `Set cluster.name to another name, or remove that cluster: kind delete cluster --name ${cluster}`,
      },
    )
  }

  const start = async (cluster: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
    const facts = (await journal.find('cluster', cluster))?.facts
    const expected = facts?.nodes?.split(' ') ?? []
    const missing = expected.filter((name) => !containers.some((container) => container.name === name))
    if (missing.length > 0) {
      throw new DevkError('CLUSTER_FAILED', `The cluster ${cluster} no longer has ${missing.join(', ')}`, {
        hint: 'Nodes cannot be added to a cluster. Run devk down, then devk up.',
      })
    }
    // Docker assigns addresses in the order in which containers start. kind created them in the order of their names.
    const stopped = containers.filter(({ state }) => state !== 'running').sort((a, b) => byCodeUnits(a.name, b.name))
    for (const { id } of stopped) await engine.containers.start(id, signal)
    const names = toNodes(containers).map(({ name }) => name)
    await waitForNodes(engine, names, { timeoutMs: readyTimeoutMs, signal })
    if (stopped.length === 0) return
    const nodes = nodesOf(facts?.shape)
    await limitNodes(engine, nodes, nodeNames({ name: cluster, nodes }), { timeoutMs: readyTimeoutMs, signal })
  }

  /**
   * A kind process that is left over from a killed devk would continue to create the cluster, or delete it on failure.
   */
  const endKind = (cluster: string, file: string) => deps.endOrphans(createArgs(cluster, file))

  const remove = async (cluster: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
    await thawNodes(engine, containers, signal)
    // Remove by id, so that no other container is removed. kind does the same, and does not have to be installed.
    await Promise.all(containers.map(({ id }) => engine.containers.remove(id, signal)))
    const remaining = await clusterContainers(engine, cluster, signal)
    if (remaining.length > 0)
      throw clusterFailed(`${remaining.map(({ name }) => name).join(', ')} could not be removed`)
    // Those of nodes that were removed by other means are known from the journal.
    const noted = (await journal.find('cluster', cluster))?.facts.volumes?.match(/\w+/g) ?? []
    await removeVolumes(engine, [...noted, ...anonymousVolumes(containers)], signal)
  }

  const make = async (spec: ClusterSpec, file: string, onLine: (line: string) => void, signal: AbortSignal) => {
    const names = nodeNames(spec)
    const [first = ''] = names
    // kind would merge into an existing file, and create a folder that every user can read.
    await rm(file, { force: true })
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    if (spec.encryptSecrets) await writeEncryption(encryptionFolder(file))
    try {
      await cli.create(spec, file, onLine, signal)
    } catch (error) {
      // If another program has taken a port since the check, that is the reason to report.
      if (error instanceof DevkError && error.code === 'CLUSTER_FAILED')
        await requireFreePorts(engine, spec.ports, deps.portOwner, signal)
      throw error
    }
    await waitForNodes(engine, names, { timeoutMs: readyTimeoutMs, signal, onReason: onLine })
    await limitNodes(engine, spec.nodes, names, { timeoutMs: readyTimeoutMs, signal })
    for (const [node, labels] of Object.entries(lateLabels(spec))) {
      const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
      await nodeKubectl(engine, first, ['label', 'node', node, '--overwrite', ...pairs], { signal })
    }
    // The last step, so that a cluster with this note is complete.
    await writeOwner(engine, first, project, signal)
    await cli.writeKubeconfig(spec.name, file, signal)
    return shapeOf(spec)
  }

  /**
   * The journal entry of a complete cluster. A cluster that has the note of its owner but no complete entry is added to
   * the journal.
   */
  const completeEntry = async (cluster: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
    const entry = await journal.find('cluster', cluster)
    if (entry?.state === 'made') return entry
    const asked = toNodes(containers).find((node) => node.role === 'control-plane' && node.running)
    if (asked === undefined || (await readOwner(engine, asked.name, signal)) !== project) return undefined
    return record(cluster, containers)
  }

  const record = async (cluster: string, containers: readonly ContainerInfo[], more: Record<string, string> = {}) => {
    const entry =
      (await journal.find('cluster', cluster)) ?? (await journal.begin('cluster', cluster, { provider: 'kind' }))
    const names = toNodes(containers).map(({ name }) => name)
    const facts = {
      ids: containers.map(({ id }) => id).join(' '),
      nodes: names.join(' '),
      volumes: anonymousVolumes(containers).join(' '),
    }
    await journal.made(entry.id, { ...facts, ...more })
    return journal.find('cluster', cluster)
  }

  return {
    name: 'kind',
    contextName,
    version: (signal) => cli.version(signal),
    async inspect(cluster, signal) {
      const containers = await clusterContainers(engine, cluster, signal)
      if (containers.length === 0) return { state: 'absent' }
      const state = containers.every((container) => container.state === 'running') ? 'running' : 'stopped'
      return { state, nodes: toNodes(containers), ownedBy: await ownerOf(cluster, containers, signal) }
    },
    async create(spec, kubeconfig, onLine, signal) {
      const containers = await own(spec.name, signal)
      const known = await journal.find('cluster', spec.name)
      const complete = containers.length === 0 ? undefined : await completeEntry(spec.name, containers, signal)
      if (complete !== undefined) {
        requireShape(complete.facts.shape, spec)
        // The kubeconfig is older than the journal entry of these containers, whose ports and certificates do not
        // change.
        if (
          known !== undefined &&
          isRunning(known, containers) &&
          (await apiServerReady(kubeconfig, contextName(spec.name), signal))
        )
          return
        await start(spec.name, containers, signal)
        return cli.writeKubeconfig(spec.name, kubeconfig, signal)
      }
      await endKind(spec.name, kubeconfig)
      await remove(spec.name, await own(spec.name, signal), signal)
      await requireFreePorts(engine, spec.ports, deps.portOwner, signal)
      await noteNetwork(engine, shared, signal)
      const noted = (await journal.find('cluster', spec.name))?.facts
      await journal.begin('cluster', spec.name, { ...noted, provider: 'kind' })
      const shape = await make(spec, kubeconfig, onLine, signal)
      await record(spec.name, await clusterContainers(engine, spec.name, signal), { shape })
    },
    async start(cluster, kubeconfig, signal) {
      await start(cluster, await own(cluster, signal), signal)
      await cli.writeKubeconfig(cluster, kubeconfig, signal)
    },
    async kubeconfig(cluster, file, signal) {
      await own(cluster, signal)
      await cli.writeKubeconfig(cluster, file, signal)
    },
    async delete(cluster, kubeconfig, signal) {
      await endKind(cluster, kubeconfig)
      await remove(cluster, await own(cluster, signal), signal)
      await rm(kubeconfig, { force: true })
      await rm(encryptionFolder(kubeconfig), { recursive: true, force: true })
      await removeNetwork(engine, shared, signal)
      const entry = await journal.find('cluster', cluster)
      if (entry !== undefined) await journal.remove(entry.id)
    },
  }
}

const contextName = (cluster: string) => `kind-${cluster}`

/** Whether the journal entry has all these containers. */
function holdsAll(entry: JournalEntry, containers: readonly ContainerInfo[]): boolean {
  const ids = idsOf(entry)
  return containers.every(({ id }) => ids.includes(id))
}

/** Whether exactly the containers of the journal entry exist, and all of them run. */
function isRunning(entry: JournalEntry, containers: readonly ContainerInfo[]): boolean {
  const running = containers.every(({ state }) => state === 'running')
  return running && idsOf(entry).length === containers.length && holdsAll(entry, containers)
}

const idsOf = ({ facts }: JournalEntry): readonly string[] => facts.ids?.split(' ') ?? []
