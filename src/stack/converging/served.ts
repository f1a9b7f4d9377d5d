import type { KubeObject } from '../../kube/api.ts'
import { waitUntil } from '../../lib/wait.ts'
import { definedVersions } from '../../manifests/helm/capabilities.ts'
import type { ApplyDeps } from '../apply.ts'

/**
 * Waits until the API server serves the kinds of `objects` that are defined among `definitions`: a definition is
 * established a moment before its kind appears. Throws NOT_READY with the kind that does not appear, and KUBE_API.
 */
export async function untilServed(
  objects: readonly KubeObject[],
  definitions: readonly KubeObject[],
  { kube, patienceMs, signal }: Pick<ApplyDeps, 'kube' | 'patienceMs' | 'signal'>,
): Promise<void> {
  const defined = new Set(definedVersions(definitions))
  const kinds = new Map(objects.map(({ apiVersion, kind }) => [`${apiVersion}/${kind}`, { apiVersion, kind }]))
  for (const [name, kind] of kinds) {
    if (!defined.has(name)) continue
    const check = async () =>
      (await kube.namespaced(kind, signal)) === undefined ? 'the API server does not serve it yet' : undefined
    await waitUntil(check, {
      what: `Kind ${kind.kind} of ${kind.apiVersion}`,
      timeoutMs: patienceMs,
      intervalMs: 50,
      signal,
    })
  }
}
