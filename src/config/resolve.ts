import { resolve } from 'node:path'
import type { Build, Config, External, LoadedConfig, Secret, Service } from './schema.ts'

/** The internal form: every path absolute, the cluster named, URLs with a scheme. `root` is the folder of the file. */
export function resolveConfig(config: Config, file: string, root: string): LoadedConfig {
  const absolute = (path: string) => resolve(root, path)
  const build = (given: Build): Build => {
    const context = absolute(given.context)
    return {
      ...given,
      context,
      dockerfile: resolve(context, given.dockerfile),
      secrets: mapValues(given.secrets, (secret) =>
        secret.file === undefined ? secret : { ...secret, file: absolute(secret.file) },
      ),
      ...(typeof given.caCertificates === 'string' ? { caCertificates: absolute(given.caCertificates) } : {}),
    }
  }
  const envFile = <T extends Pick<Secret, 'fromEnvFile' | 'orElse'>>(given: T): T => ({
    ...given,
    fromEnvFile: absolute(given.fromEnvFile),
    ...(given.orElse === undefined ? {} : { orElse: absolute(given.orElse) }),
  })
  const service = (given: Service): Service => ({
    ...given,
    ...(given.build === undefined ? {} : { build: build(given.build) }),
    ...(given.url === undefined ? {} : { url: fullUrl(given.url) }),
    sync: given.sync.map((rule) => ({ ...rule, from: absolute(rule.from) })),
  })
  const external = (given: External): External => ({
    ...given,
    ...(given.build === undefined ? {} : { build: build(given.build) }),
    ...(given.secret === undefined ? {} : { secret: envFile(given.secret) }),
  })
  return {
    ...config,
    file,
    root,
    overlay: undefined,
    cluster: { ...config.cluster, name: config.cluster.name ?? config.name },
    deploy: {
      ...config.deploy,
      manifests: config.deploy.manifests.map(absolute),
      kustomize: config.deploy.kustomize.map(absolute),
      overlays: mapValues(config.deploy.overlays, (folders) => folders.map(absolute)),
      helm: config.deploy.helm.map((release) => ({
        ...release,
        chart: absolute(release.chart),
        values: release.values.map(absolute),
      })),
    },
    services: mapValues(config.services, service),
    externals: mapValues(config.externals, external),
    secrets: mapValues(config.secrets, envFile),
  }
}

/** `todo.localhost` is http://todo.localhost; what is no URL at all stays, for the rules to report. */
function fullUrl(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`
}

function mapValues<T>(record: Record<string, T>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
