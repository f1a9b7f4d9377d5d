import type { ClusterProvider } from '../cluster/provider.ts'
import type { Engine } from '../engine/api.ts'
import { DevkError } from '../errors.ts'
import type { Journal } from '../state/journal.ts'

/** A journal whose entries of clusters name the engine that the cluster runs on. */
export function journalOfEngine(journal: Journal, engine: Engine): Journal {
  return {
    ...journal,
    async begin(kind, name, facts = {}) {
      if (kind !== 'cluster') return journal.begin(kind, name, facts)
      const found = await stableIdentity(engine, AbortSignal.timeout(10_000))
      return journal.begin(kind, name, { ...facts, ...(found && { engine: found.id, engineHost: found.host }) })
    },
  }
}

/**
 * The provider, for clusters of this engine only. On another engine, a cluster seems not to exist, and its records
 * would be dropped while it runs. Throws CLUSTER_FOREIGN.
 */
export function onItsEngine(provider: ClusterProvider, journal: Journal, engine: Engine): ClusterProvider {
  const check = (cluster: string, signal: AbortSignal) => requireItsEngine({ journal, engine, cluster }, signal)
  return {
    ...provider,
    async inspect(cluster, signal) {
      await check(cluster, signal)
      return provider.inspect(cluster, signal)
    },
    async create(spec, kubeconfig, onLine, signal) {
      await check(spec.name, signal)
      await provider.create(spec, kubeconfig, onLine, signal)
      await noteEngine({ journal, engine, cluster: spec.name }, signal)
    },
    async start(cluster, kubeconfig, signal) {
      await check(cluster, signal)
      await provider.start(cluster, kubeconfig, signal)
    },
    async kubeconfig(cluster, file, signal) {
      await check(cluster, signal)
      await provider.kubeconfig(cluster, file, signal)
    },
    async delete(cluster, kubeconfig, signal) {
      await check(cluster, signal)
      await provider.delete(cluster, kubeconfig, signal)
    },
  }
}

interface Place {
  readonly journal: Journal
  readonly engine: Engine
  readonly cluster: string
}

async function requireItsEngine({ journal, engine, cluster }: Place, signal: AbortSignal): Promise<void> {
  const entry = await journal.find('cluster', cluster)
  const { engine: wanted, engineHost } = entry?.facts ?? {}
  if (wanted === undefined || (await engine.images.info(signal)).id === wanted) return
  const found = await stableIdentity(engine, signal)
  if (found === undefined) return
  throw new DevkError('CLUSTER_FOREIGN', `The cluster ${cluster} runs on another Docker engine than the current one`, {
    details: [`its engine: ${engineHost}`, `current engine: ${found.host}`, 'Nothing was changed.'],
    hint:
      'Choose its engine with docker context use, DOCKER_CONTEXT or DOCKER_HOST. If that engine no longer exists, ' +
      `delete the journal of the project: rm ${journal.file}`,
  })
}

/** Adds the engine to an entry that an older devk wrote. */
async function noteEngine({ journal, engine, cluster }: Place, signal: AbortSignal): Promise<void> {
  const entry = await journal.find('cluster', cluster)
  if (entry === undefined || entry.facts.engine !== undefined) return
  const found = await stableIdentity(engine, signal)
  if (found !== undefined) await journal.made(entry.id, { engine: found.id, engineHost: found.host })
}

/** undefined for an engine without an identity: Podman invents another one for each answer. */
async function stableIdentity(engine: Engine, signal: AbortSignal): Promise<{ id: string; host: string } | undefined> {
  const first = await engine.images.info(signal)
  const second = await engine.images.info(signal)
  if (first.id === undefined || first.id !== second.id) return undefined
  return { id: first.id, host: first.host }
}
