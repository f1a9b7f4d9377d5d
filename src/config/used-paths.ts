import { isAbsolute } from 'node:path'
import { hasDockerfile, isFolderContext, layoutOfContext } from './build-contexts.ts'
import { isRemoteChart } from './chart-source.ts'
import { isRemoteFile } from './preset-source.ts'
import type { ConfigPath } from './problems.ts'
import type { Build, LoadedConfig, Secret } from './schema.ts'
import type { PresetSource } from './schema-presets.ts'

/** A path that the configuration names, and what devk does with it. */
export interface UsedPath {
  /** Where in the configuration. */
  readonly at: ConfigPath
  /** Absolute. */
  readonly path: string
  /** What for, such as `build context`. */
  readonly use: string
  /**
   * How links below the path are followed: those to manifests in a folder or of a pattern, or all below a folder.
   * undefined: none are.
   */
  readonly links?: 'manifests' | 'chart' | 'folder'
  /** Whether its content is secret. */
  readonly isSecret?: true
}

type EnvFile = Pick<Secret, 'fromEnvFile' | 'orElse'>

/**
 * The paths of a configuration whose content leaves this machine's other folders: into an image, an object or a node.
 * Not `cluster.kubeconfig`: the user agrees to the context in it by name, server and login plugin. Pure.
 */
export function usedPaths(config: LoadedConfig): UsedPath[] {
  const { cluster, deploy, services, externals, secrets, presets, overlay } = config
  const units = [
    ...Object.entries(services).map(([name, unit]) => [['services', name], unit] as const),
    ...Object.entries(externals).map(([name, unit]) => [['externals', name], unit] as const),
  ]
  const [mounted] = cluster.mount?.split(':') ?? []
  const isNamed = overlay !== undefined && deploy.overlays[overlay] !== undefined
  const kustomize = isNamed ? ['deploy', 'overlays', overlay] : ['deploy', 'kustomize']
  return [
    ...units.flatMap(([at, { build }]) => (build === undefined ? [] : pathsOfBuild([...at, 'build'], build))),
    ...Object.entries(services).flatMap(([name, { sync }]) =>
      sync.map(({ from }, i) => ({
        at: ['services', name, 'sync', i, 'from'],
        path: from,
        use: 'synced into containers',
      })),
    ),
    ...Object.entries(services).flatMap(([name, { build }]) =>
      (build?.local?.outputs ?? []).map(({ from }, i) => ({
        at: ['services', name, 'build', 'local', 'outputs', i, 'from'],
        path: from,
        use: 'synced into containers',
      })),
    ),
    ...Object.entries(secrets).flatMap(([name, secret]) => pathsOfEnvFile(['secrets', name], secret)),
    ...Object.entries(externals).flatMap(([name, { secret }]) =>
      secret === undefined ? [] : pathsOfEnvFile(['externals', name, 'secret'], secret),
    ),
    ...(mounted === undefined ? [] : [{ at: ['cluster', 'mount'], path: mounted, use: 'mounted into the nodes' }]),
    ...(cluster.cni !== undefined && isAbsolute(cluster.cni)
      ? [{ at: ['cluster', 'cni'], path: cluster.cni, use: 'manifests of the pod network' }]
      : []),
    ...presets.flatMap((entry, i): UsedPath[] => {
      if (typeof entry !== 'string') return pathsOfSource(['presets', i], entry)
      return isAbsolute(entry) ? [{ at: ['presets', i], path: entry, use: 'preset', links: 'folder' }] : []
    }),
    ...deploy.manifests.map(
      (path, i): UsedPath => ({ at: ['deploy', 'manifests', i], path, use: 'manifests', links: 'manifests' }),
    ),
    // Links below a kustomization are judged when it is rendered, with everything that it names.
    ...deploy.kustomize.map((path, i) => ({ at: [...kustomize, i], path, use: 'kustomization' })),
    ...deploy.helm.flatMap((release, i): UsedPath[] => [
      ...(isRemoteChart(release)
        ? []
        : [{ at: ['deploy', 'helm', i, 'chart'], path: release.chart, use: 'chart', links: 'chart' as const }]),
      ...release.values.map((path, n) => ({
        at: ['deploy', 'helm', i, 'values', n],
        path,
        use: 'values for Helm',
      })),
    ]),
  ]
}

function pathsOfSource(at: ConfigPath, { chart, repo, kustomize, manifests = [], values }: PresetSource): UsedPath[] {
  return [
    ...(chart === undefined || isRemoteChart({ chart, repo })
      ? []
      : [{ at: [...at, 'chart'], path: chart, use: 'chart', links: 'chart' as const }]),
    ...(kustomize === undefined ? [] : [{ at: [...at, 'kustomize'], path: kustomize, use: 'kustomization' }]),
    ...manifests.flatMap((path, i): UsedPath[] =>
      isRemoteFile(path) ? [] : [{ at: [...at, 'manifests', i], path, use: 'manifests', links: 'manifests' }],
    ),
    ...values.map((path, i) => ({ at: [...at, 'values', i], path, use: 'values for Helm' })),
  ]
}

function pathsOfBuild(at: ConfigPath, build: Build): UsedPath[] {
  return [
    { at: [...at, 'context'], path: build.context, use: 'build context' },
    ...(hasDockerfile(build) ? [{ at: [...at, 'dockerfile'], path: build.dockerfile, use: 'Dockerfile' }] : []),
    ...Object.entries(build.contexts).flatMap(([name, source]) => {
      const path = isFolderContext(source) ? source : layoutOfContext(source)
      return path === undefined ? [] : [{ at: [...at, 'contexts', name], path, use: 'build context' }]
    }),
    ...build.ssh.flatMap((entry, i) =>
      (/^[^=]*=(.*)$/s.exec(entry)?.[1]?.split(',') ?? []).map((path) => ({
        at: [...at, 'ssh', i],
        path,
        use: 'SSH key for the build',
        isSecret: true as const,
      })),
    ),
    ...Object.entries(build.secrets).flatMap(([id, { file }]) =>
      file === undefined
        ? []
        : [{ at: [...at, 'secrets', id, 'file'], path: file, use: 'secret of the build', isSecret: true as const }],
    ),
    ...(typeof build.caCertificates === 'string'
      ? [{ at: [...at, 'caCertificates'], path: build.caCertificates, use: 'certificates for the build' }]
      : []),
  ]
}

function pathsOfEnvFile(at: ConfigPath, { fromEnvFile, orElse }: EnvFile): UsedPath[] {
  const use = 'values of a Secret'
  const first = { at: [...at, 'fromEnvFile'], path: fromEnvFile, use, isSecret: true as const }
  return orElse === undefined ? [first] : [first, { at: [...at, 'orElse'], path: orElse, use }]
}
