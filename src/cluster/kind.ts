import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ContainerInfo } from '../engine/api.ts'
import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import type { FindPortOwner } from '../host/port-owner.ts'
import { byCodeUnits } from '../lib/order.ts'
import { writeAtomic } from '../state/files.ts'
import type { Journal, JournalEntry } from '../state/journal.ts'
import { requireFreePorts } from './host-ports.ts'
import { kindConfig, lateLabels, nodeNames } from './kind-config.ts'
import { noteNetwork, removeNetwork } from './network.ts'
import { nodeKubectl, waitForNodes } from './node-kubectl.ts'
import { limitNodes } from './node-limits.ts'
import { type ClusterEngine, clusterContainers, toNodes } from './nodes.ts'
import { readOwner, writeOwner } from './owner.ts'
import type { ClusterProvider, ClusterSpec } from './provider.ts'
import { apiServerReady } from './ready.ts'
import { nodesOf, requireShape, shapeOf } from './shape.ts'

export interface KindDeps {
  readonly runner: Runner
  /** Path of kind. */
  readonly binary: string
  readonly engine: ClusterEngine
  /** The project whose clusters these are. */
  readonly project: string
  /** The project's journal; its entry `cluster` is written here, before anything is made. */
  readonly journal: Journal
  /** The journal of what projects share: the network. */
  readonly shared: Journal
  readonly portOwner: FindPortOwner
  /** Ends the programs that have all these arguments, and that nobody else's has. */
  readonly endOrphans: (args: readonly string[]) => Promise<unknown>
}

const readyTimeoutMs = 300_000

/**
 * kind by its CLI. Node containers carry no labels but kind's, so a cluster is the project's when the journal holds its
 * containers' ids, or when the cluster itself says so (owner.ts). Every method that changes or hands out a cluster throws
 * CLUSTER_FOREIGN for any other one.
 */
export function kindProvider(deps: KindDeps): ClusterProvider {
  const { engine, journal, shared, project } = deps

  const kind = (args: readonly string[], signal: AbortSignal, input?: string, onLine?: (line: string) => void) =>
    deps.runner.run(deps.binary, args, {
      signal,
      // devk looks at Docker and at the network `kind`; a shell set up for another way would make kind work elsewhere.
      env: {
        KUBECONFIG: undefined,
        KIND_EXPERIMENTAL_PROVIDER: undefined,
        KIND_EXPERIMENTAL_DOCKER_NETWORK: undefined,
      },
      ...(input === undefined ? {} : { input }),
      ...(onLine === undefined ? {} : { onLine }),
    })

  const ownerOf = async (cluster: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
    const entry = await journal.find('cluster', cluster)
    if (entry !== undefined && (entry.state === 'begun' || holdsAll(entry, containers))) return project
    const asked = toNodes(containers).find((node) => node.role === 'control-plane' && node.running)
    return asked === undefined ? undefined : readOwner(engine, asked.name, signal)
  }

  /** The containers of a cluster that is the project's own; [] when there is no such cluster. */
  const own = async (cluster: string, signal: AbortSignal): Promise<readonly ContainerInfo[]> => {
    const containers = await clusterContainers(engine, cluster, signal)
    if (containers.length === 0 || (await ownerOf(cluster, containers, signal)) === project) return containers
    throw new DevkError('CLUSTER_FOREIGN', `A cluster named ${cluster} is there, and this project did not make it`, {
      details: ['Nothing was changed.'],
      hint: `Set cluster.name to another name, or remove that cluster: kind delete cluster --name ${cluster}`,
    })
  }

  const writeKubeconfig = async (cluster: string, file: string, signal: AbortSignal) => {
    const result = await kind(['get', 'kubeconfig', '--name', cluster], signal)
    if (result.exitCode !== 0) throw failed(`kind gives no kubeconfig for ${cluster}`, result.stderr)
    await writeAtomic(file, `${result.stdout}\n`)
  }

  const start = async (cluster: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
    const facts = (await journal.find('cluster', cluster))?.facts
    const expected = facts?.nodes?.split(' ') ?? []
    const lost = expected.filter((name) => !containers.some((container) => container.name === name))
    if (lost.length > 0) {
      throw new DevkError('CLUSTER_FAILED', `The cluster ${cluster} has lost ${lost.join(', ')}`, {
        hint: 'Nodes cannot be added to it: run devk down, then devk up.',
      })
    }
    // Docker hands out addresses in the order of starting; by name is the order kind made them in.
    const stopped = containers.filter(({ state }) => state !== 'running').sort((a, b) => byCodeUnits(a.name, b.name))
    for (const { id } of stopped) await engine.containers.start(id, signal)
    const names = toNodes(containers).map(({ name }) => name)
    await waitForNodes(engine, names, { timeoutMs: readyTimeoutMs, signal })
    if (stopped.length === 0) return
    const nodes = nodesOf(facts?.shape)
    await limitNodes(engine, nodes, nodeNames({ name: cluster, nodes }), { timeoutMs: readyTimeoutMs, signal })
  }

  /** A kind that outlived the devk that started it would go on with the cluster, or tidy up what is made after it. */
  const endKind = (cluster: string, file: string) => deps.endOrphans(createArgs(cluster, file))

  const remove = async (cluster: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
    // By id, so that it is these containers that go. kind itself does no more than this, and need not be installed.
    await Promise.all(containers.map(({ id }) => engine.containers.remove(id, signal)))
    const left = await clusterContainers(engine, cluster, signal)
    if (left.length > 0) throw failed(`${left.map(({ name }) => name).join(', ')} could not be removed`, '')
  }

  const make = async (spec: ClusterSpec, file: string, onLine: (line: string) => void, signal: AbortSignal) => {
    const names = nodeNames(spec)
    const [first = ''] = names
    // kind would add to what is in the file, and make a folder that everyone can read.
    await rm(file, { force: true })
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const args = createArgs(spec.name, file)
    const result = await kind(args, signal, kindConfig(spec), onLine)
    if (result.exitCode !== 0) {
      await requireFreePorts(engine, spec.ports, deps.portOwner, signal)
      throw failed(`kind could not create the cluster ${spec.name}`, result.stderr)
    }
    await waitForNodes(engine, names, { timeoutMs: readyTimeoutMs, signal, onReason: onLine })
    await limitNodes(engine, spec.nodes, names, { timeoutMs: readyTimeoutMs, signal })
    for (const [node, labels] of Object.entries(lateLabels(spec))) {
      const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
      await nodeKubectl(engine, first, ['label', 'node', node, '--overwrite', ...pairs], signal)
    }
    // The last step, so that a cluster with this note is a whole one.
    await writeOwner(engine, first, project, signal)
    await writeKubeconfig(spec.name, file, signal)
    return shapeOf(spec)
  }

  /** The journal's entry of a whole cluster; one that says so itself, but is not in the journal as made, is taken in. */
  const wholeEntry = async (cluster: string, containers: readonly ContainerInfo[], signal: AbortSignal) => {
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
    await journal.made(entry.id, { ids: containers.map(({ id }) => id).join(' '), nodes: names.join(' '), ...more })
    return journal.find('cluster', cluster)
  }

  return {
    name: 'kind',
    contextName,
    async version(signal) {
      const result = await kind(['version', '-q'], signal)
      if (result.exitCode === 0) return result.stdout.trim().replace(/^v/, '')
      throw new DevkError('TOOL_MISSING', 'kind is not installed, or cannot be run', {
        details: result.stderr === '' ? [] : [result.stderr],
        hint: 'devk doctor --fix installs it.',
      })
    },
    async inspect(cluster, signal) {
      const containers = await clusterContainers(engine, cluster, signal)
      if (containers.length === 0) return { state: 'absent' }
      const state = containers.every((container) => container.state === 'running') ? 'running' : 'stopped'
      return { state, nodes: toNodes(containers), ownedBy: await ownerOf(cluster, containers, signal) }
    },
    async create(spec, kubeconfig, onLine, signal) {
      const there = await own(spec.name, signal)
      const known = await journal.find('cluster', spec.name)
      const whole = there.length === 0 ? undefined : await wholeEntry(spec.name, there, signal)
      if (whole !== undefined) {
        requireShape(whole.facts.shape, spec)
        // The kubeconfig was written before the journal noted these containers, whose ports and certificates stay.
        if (
          known !== undefined &&
          isUp(known, there) &&
          (await apiServerReady(kubeconfig, contextName(spec.name), signal))
        )
          return
        await start(spec.name, there, signal)
        return writeKubeconfig(spec.name, kubeconfig, signal)
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
      await writeKubeconfig(cluster, kubeconfig, signal)
    },
    async kubeconfig(cluster, file, signal) {
      await own(cluster, signal)
      await writeKubeconfig(cluster, file, signal)
    },
    async delete(cluster, kubeconfig, signal) {
      await endKind(cluster, kubeconfig)
      await remove(cluster, await own(cluster, signal), signal)
      await rm(kubeconfig, { force: true })
      await removeNetwork(engine, shared, signal)
      const entry = await journal.find('cluster', cluster)
      if (entry !== undefined) await journal.remove(entry.id)
    },
  }
}

const contextName = (cluster: string) => `kind-${cluster}`

function createArgs(cluster: string, kubeconfig: string): string[] {
  return ['create', 'cluster', '--name', cluster, '--config', '-', '--kubeconfig', kubeconfig]
}

/** Whether these containers are among those that the journal's entry names. */
function holdsAll(entry: JournalEntry, containers: readonly ContainerInfo[]): boolean {
  const ids = idsOf(entry)
  return containers.every(({ id }) => ids.includes(id))
}

/** Whether all containers that the journal's entry names are there, no others, and running. */
function isUp(entry: JournalEntry, containers: readonly ContainerInfo[]): boolean {
  const running = containers.every(({ state }) => state === 'running')
  return running && idsOf(entry).length === containers.length && holdsAll(entry, containers)
}

const idsOf = ({ facts }: JournalEntry): readonly string[] => facts.ids?.split(' ') ?? []

function failed(message: string, output: string): DevkError {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return new DevkError('CLUSTER_FAILED', message, {
    details: lines.slice(-15),
    hint: 'devk doctor looks for what keeps nodes from starting; devk up tries again.',
  })
}
