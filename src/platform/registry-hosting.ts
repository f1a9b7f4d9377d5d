import type { Registry } from '../images/registry/registry.ts'
import type { Kube, KubeObject } from '../kube/api.ts'

/**
 * Tells other tools of the loopback registry, as KEP-1755 describes it, so that what they push reaches this cluster too. Writes once for a
 * cluster, and again when the registry has moved to another port.
 */
export async function announceRegistry(
  kube: Pick<Kube, 'get' | 'apply'>,
  registry: Registry,
  signal: AbortSignal,
): Promise<void> {
  const wanted = hostingMap(registry)
  const { apiVersion, kind, metadata } = wanted
  const there = await kube.get({ apiVersion, kind, name: metadata.name, namespace: 'kube-public' }, signal)
  if (JSON.stringify(there?.data) === JSON.stringify(wanted.data)) return
  await kube.apply(wanted, { force: true, signal })
}

function hostingMap({ host, nodeUrl }: Registry): KubeObject {
  const inside = nodeUrl.replace(/^https?:\/\//, '')
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
