import { DevkError } from '../errors.ts'
import { labels } from '../lib/keys.ts'
import { nodeKubectl } from './node-kubectl.ts'
import type { ClusterEngine } from './nodes.ts'

const namespace = 'devk-system'
const name = 'devk-owner'

/**
 * Writes a note into the cluster: the project that owns it, and the UID of kube-system. With the UID, a copy of the
 * note in another cluster is not valid.
 */
export async function writeOwner(
  engine: ClusterEngine,
  node: string,
  project: string,
  signal: AbortSignal,
): Promise<void> {
  const uid = await clusterUid(engine, node, signal)
  const mine = { [labels.project]: project, [labels.managedBy]: 'devk' }
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: mine } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: mine }, data: { project, uid } },
  ]
  const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const args = ['apply', '--server-side', '--field-manager=devk', '-f', '-']
  await nodeKubectl(engine, node, args, { signal, stdin })
}

/** The project in the cluster's note of its owner. undefined when it has no valid note or does not respond. */
export async function readOwner(engine: ClusterEngine, node: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const args = ['-n', namespace, 'get', 'configmap', name, '-o', 'json', '--ignore-not-found', '--request-timeout=5s']
    const text = await nodeKubectl(engine, node, args, { signal })
    const data = text === '' ? undefined : (JSON.parse(text) as { data?: { project?: string; uid?: string } }).data
    if (data?.project === undefined) return undefined
    return data.uid === (await clusterUid(engine, node, signal)) ? data.project : undefined
  } catch (error) {
    if (error instanceof DevkError && ['CLUSTER_FAILED', 'COMMAND_FAILED'].includes(error.code)) return undefined
    throw error
  }
}

function clusterUid(engine: ClusterEngine, node: string, signal: AbortSignal): Promise<string> {
  const args = ['get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}', '--request-timeout=5s']
  return nodeKubectl(engine, node, args, { signal })
}
