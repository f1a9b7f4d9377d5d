import { isAbsolute, join } from 'node:path'
import type { LoadedConfig } from '../config/schema.ts'
import { ignoreRules, readIgnore } from '../images/build/ignore.ts'
import type { WatchedService } from './decide.ts'

/**
 * The services whose images devk builds, with their ignore rules. Reads the .dockerignore files; throws what reading
 * them throws.
 */
export async function watchedServices(config: Pick<LoadedConfig, 'services'>): Promise<WatchedService[]> {
  const found = Object.entries(config.services).map(async ([name, { build, sync }]) => {
    if (!build) return undefined
    const dockerfile = isAbsolute(build.dockerfile) ? build.dockerfile : join(build.context, build.dockerfile)
    const ignore = await readIgnore({ context: build.context, dockerfile })
    const rules = sync.map(({ from, to, exclude }) => {
      const excluded = ignoreRules(exclude.join('\n'))
      return { from, to, excludes: (path: string) => excluded.ignores(path) }
    })
    return { name, context: build.context, dockerfile, ignore, sync: rules }
  })
  return (await Promise.all(found)).filter((service) => service !== undefined)
}

/**
 * The files and folders that the Kubernetes objects are made from (absolute paths): a change in one of them applies all
 * objects again. For a pattern it is the folder before the first wildcard.
 */
export function redeployPaths(config: LoadedConfig): string[] {
  const { manifests, kustomize, helm } = config.deploy
  const variables = [...Object.values(config.secrets), ...Object.values(config.externals).map(({ secret }) => secret)]
  return [
    ...new Set([
      config.file,
      ...manifests.map(beforeWildcard),
      ...kustomize.map(kustomizeRoot),
      ...helm.flatMap(({ chart, values }) => [chart, ...values]),
      ...variables.flatMap((source) =>
        source ? [source.fromEnvFile, ...(source.orElse === undefined ? [] : [source.orElse])] : [],
      ),
    ]),
  ]
}

function beforeWildcard(pattern: string): string {
  const parts = pattern.split('/')
  const wild = parts.findIndex((part) => /[*?[{]/.test(part))
  return wild < 0 ? pattern : parts.slice(0, wild).join('/') || '/'
}

/** An overlay refers to bases outside its own folder: `k8s/overlays/dev` is made from all of `k8s`. */
function kustomizeRoot(folder: string): string {
  const at = folder.lastIndexOf('/overlays/')
  return at > 0 ? folder.slice(0, at) : folder
}
