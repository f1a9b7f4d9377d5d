import type { CliContext } from '../context.ts'
import { insideName, type Registry } from '../images/registry/registry.ts'
import type { Kube, KubeObject } from '../kube/api.ts'
import { listProjects } from '../state/projects.ts'
import { projectJournal } from './tools.ts'

/**
 * Describes the loopback registry in the ConfigMap `local-registry-hosting` of KEP-1755, so that other tools push to it
 * for this cluster. Writes it once, and again when the registry's port changes. Throws KUBE_API.
 */
export async function announceRegistry(
  kube: Pick<Kube, 'get' | 'apply'>,
  registry: Registry,
  signal: AbortSignal,
): Promise<void> {
  const wanted = hostingMap(registry)
  const { apiVersion, kind, metadata } = wanted
  const existing = await kube.get({ apiVersion, kind, name: metadata.name, namespace: 'kube-public' }, signal)
  if (JSON.stringify(existing?.data) === JSON.stringify(wanted.data)) return
  await kube.apply(wanted, { force: true, signal })
}

function hostingMap(registry: Registry): KubeObject {
  const { host } = registry
  const inside = insideName(registry)
  const hosting = [
    `host: ${JSON.stringify(host)}`,
    `hostFromContainerRuntime: ${JSON.stringify(inside)}`,
    `hostFromClusterNetwork: ${JSON.stringify(inside)}`,
    'help: "https://kind.sigs.k8s.io/docs/user/local-registry/"',
  ]
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'local-registry-hosting', namespace: 'kube-public' },
    data: { 'localRegistryHosting.v1': `${hosting.join('\n')}\n` },
  }
}

/** Whether a cluster of devk still exists. Each of them names the registry to other tools. */
export async function isAnnounced(ctx: CliContext): Promise<boolean> {
  const projects = await listProjects(ctx.paths)
  const journals = await Promise.all(projects.map(({ name }) => projectJournal(ctx, name).entries()))
  return journals.flat().some(({ kind }) => kind === 'cluster')
}
