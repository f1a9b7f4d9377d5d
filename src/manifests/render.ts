import type { LoadedConfig } from '../config/schema.ts'
import { helmTemplate } from './helm.ts'
import { type KustomizeDeps, kustomize } from './kustomize.ts'
import { plainManifests } from './plain.ts'
import { type RenderedObject, rejectDuplicates } from './rendered.ts'

/**
 * Every object that the configuration's `deploy` section names, as the manifests write it, in their order.
 * Throws MANIFEST_INVALID (bad YAML, a renderer's refusal, the same object twice) or TOOL_MISSING.
 */
export async function renderManifests(
  config: Pick<LoadedConfig, 'deploy' | 'root'>,
  deps: KustomizeDeps,
  signal: AbortSignal,
): Promise<RenderedObject[]> {
  const { deploy, root } = config
  const parts = await Promise.all([
    plainManifests(deploy.manifests, root),
    ...deploy.kustomize.map((folder) => kustomize(folder, root, deps, signal)),
    ...deploy.helm.map(async (release) => {
      const namespace = release.namespace ?? deploy.namespace ?? 'default'
      const objects = await helmTemplate(release, root, namespace, deps.runner, signal)
      // helm leaves the namespace out of what it prints, and a release may have one of its own.
      return release.namespace === undefined ? objects : objects.map((entry) => ({ ...entry, namespace }))
    }),
  ])
  const objects = parts.flat()
  rejectDuplicates(objects)
  return objects
}
