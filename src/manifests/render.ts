import type { LoadedConfig } from '../config/schema.ts'
import { type LocatedRelease, locatedReleases } from './charts/located.ts'
import { builtInVersions } from './helm/built-in.ts'
import { definedVersions } from './helm/capabilities.ts'
import { helmTemplate } from './helm/template.ts'
import { type KustomizeDeps, kustomize } from './kustomize/kustomize.ts'
import { plainManifests } from './plain.ts'
import { type RenderedObject, rejectDuplicates } from './rendered.ts'
import { projectNamespace } from './transform.ts'

/** The programs that render, and the cluster to render for. */
export interface RenderDeps extends KustomizeDeps {
  /** Folder of fetched charts. */
  readonly charts: string
}

/** The part of the configuration that is rendered. */
export type RenderInput = Pick<LoadedConfig, 'name' | 'root' | 'deploy'> & {
  /** The namespace of a developer on an existing cluster. */
  readonly cluster: Pick<LoadedConfig['cluster'], 'namespace'>
}

/**
 * Renders everything in the `deploy` section of the configuration, in its order. Fetches nothing. Throws
 * MANIFEST_INVALID (invalid YAML, a failed renderer, the same object twice), CHART_MISSING and TOOL_MISSING.
 */
export async function renderManifests(
  config: RenderInput,
  deps: RenderDeps,
  signal: AbortSignal,
): Promise<RenderedObject[]> {
  const { deploy, root } = config
  const parts = await Promise.all([
    plainManifests(deploy.manifests, root),
    ...deploy.kustomize.map((folder) => kustomize(folder, root, deps, signal)),
  ])
  const objects = parts.flat()
  if (deploy.helm.length > 0) objects.push(...(await renderCharts(config, objects, deps, signal)))
  rejectDuplicates(objects)
  return objects
}

/** Renders the releases, each in the namespace that its objects get. */
async function renderCharts(
  config: RenderInput,
  others: readonly RenderedObject[],
  { runner, charts, capabilities = async () => ({ kubeVersion: undefined, apiVersions: builtInVersions }) }: RenderDeps,
  signal: AbortSignal,
): Promise<RenderedObject[]> {
  const releases = await locatedReleases(config.deploy.helm, config.root, charts)
  const known = await capabilities()
  const defined = definedVersions(others.map(({ object }) => object))
  const apiVersions = [...new Set([...known.apiVersions, ...defined])]
  const render = (release: LocatedRelease, namespace: string) => {
    const target = { root: config.root, namespace, capabilities: { ...known, apiVersions } }
    return helmTemplate(release, target, runner, signal)
  }
  const namespaceWith = (objects: readonly RenderedObject[]) =>
    projectNamespace(
      config,
      objects.map(({ object }) => object),
    )
  const home = namespaceWith(others)
  const namespaceOf = (release: LocatedRelease, main: string) => {
    const own = release.namespace ?? main
    return own === main ? (config.cluster.namespace ?? main) : own
  }
  const rendered = await Promise.all(releases.map((release) => render(release, namespaceOf(release, home))))
  const main = namespaceWith([...others, ...rendered.flat()])
  if (main === home) return rendered.flat()
  // A chart creates the namespace of the project, so that the objects of the others go there too.
  const again = releases.map((release, i) =>
    namespaceOf(release, main) === namespaceOf(release, home)
      ? (rendered[i] ?? [])
      : render(release, namespaceOf(release, main)),
  )
  return (await Promise.all(again)).flat()
}
