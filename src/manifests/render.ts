import type { LoadedConfig } from '../config/schema.ts'
import { helmTemplate } from './helm.ts'
import { type KustomizeDeps, kustomize } from './kustomize.ts'
import { plainManifests } from './plain.ts'
import { type RenderedObject, rejectDuplicates } from './rendered.ts'

/**
 * Renders everything in the `deploy` section of the configuration, in its order. Throws MANIFEST_INVALID (invalid YAML,
 * a failed renderer, the same object twice) and TOOL_MISSING.
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
      const objects = await helmTemplate(release, { root, namespace }, deps.runner, signal)
      // The output of helm has no namespace, but a release may have one.
      return release.namespace === undefined ? objects : objects.map((entry) => ({ ...entry, namespace }))
    }),
  ])
  const objects = parts.flat()
  rejectDuplicates(objects)
  return objects
}
