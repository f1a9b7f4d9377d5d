import { requireKnownServer, requireKnownUid } from '../cluster/existing-guard.ts'
import { extractContext } from '../cluster/kubeconfig.ts'
import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import type { Kube, PodStreams } from '../kube/api.ts'
import { connectKube, statusOf } from '../kube/client/client.ts'
import { readKnownContext } from '../state/contexts.ts'
import type { ProjectRecord } from '../state/projects.ts'

/** A connection to the cluster of a project. */
export interface Connection {
  readonly kube: Kube
  readonly streams: PodStreams
  /** The UID of the cluster (see `clusterUid`). Requested at the first call, once. */
  readonly uid: () => Promise<string | undefined>
}

/**
 * Connects to the cluster of a project with the private kubeconfig that `up` wrote. An existing cluster must be the one
 * that the user agreed to, by server, user and UID; no login plugin runs before that is known. Throws CONTEXT_REFUSED,
 * CLUSTER_MISSING and KUBE_API.
 */
export async function connectAgreed(ctx: CliContext, { name, cluster }: ProjectRecord): Promise<Connection> {
  const { kubeconfig } = ctx.paths.project(name)
  // A guest is in the cluster of another project, which devk created.
  const isAgreed = cluster.provider === 'existing' && cluster.project === undefined
  if (!isAgreed) return connected(ctx, kubeconfig, cluster.context)
  const file = ctx.paths.contexts
  const { facts } = await extractContext({ files: [kubeconfig], keyFile: ctx.paths.digestKey }, cluster.context)
  const known = await readKnownContext(file, cluster.context)
  if (known === undefined) {
    throw new DevkError('CONTEXT_REFUSED', `devk is not allowed to use the context ${cluster.context}`, {
      details: [`${file} does not list it. devk sent no request to the cluster.`],
      hint: 'Run devk up and agree to its use.',
    })
  }
  requireKnownServer(facts, known, file)
  const connection = await connected(ctx, kubeconfig, cluster.context)
  requireKnownUid(facts, known, await connection.uid(), file)
  return connection
}

async function connected({ signal }: CliContext, kubeconfig: string, context: string): Promise<Connection> {
  const { kube, streams } = await connectKube(kubeconfig, context)
  let uid: Promise<string | undefined> | undefined
  return {
    kube,
    streams,
    uid: () => {
      uid ??= clusterUid(kube, signal)
      return uid
    },
  }
}

/**
 * The UID of the namespace kube-system, which identifies a cluster for its lifetime. undefined if devk may not read it.
 */
export async function clusterUid(kube: Kube, signal: AbortSignal): Promise<string | undefined> {
  const system = { apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }
  const namespace = await kube.get(system, signal).catch((error: unknown) => {
    if (statusOf(error) === 403) return undefined
    throw error
  })
  return namespace?.metadata.uid
}
