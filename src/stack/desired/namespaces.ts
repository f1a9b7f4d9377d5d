import type { KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import type { Origin } from '../../manifests/rendered.ts'
import type { DesiredObject } from './configured.ts'

/**
 * Namespace objects for the namespaces that the objects use but no manifest describes, except Kubernetes' own. Pure.
 */
export function missingNamespaces(objects: readonly DesiredObject[], project: string): DesiredObject[] {
  const described = new Set(
    objects.filter(({ object }) => object.kind === 'Namespace').map(({ object }) => object.metadata.name),
  )
  const missing = new Map<string, Origin>()
  for (const { object, origin } of objects) {
    const name = object.metadata.namespace
    const builtIn = name === undefined || name === 'default' || name.startsWith('kube-')
    if (!builtIn && !described.has(name)) missing.set(name, origin)
  }
  return [...missing].map(([name, origin]) => ({
    object: namespaceObject(name, project),
    origin,
    unit: undefined,
  }))
}

function namespaceObject(name: string, project: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [labels.project]: project } } }
}
