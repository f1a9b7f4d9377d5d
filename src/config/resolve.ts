import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { isFolderContext, withLayout } from './build-contexts.ts'
import { isRemoteChart } from './chart-source.ts'
import { portPair } from './ports.ts'
import { isRemoteFile, sourceName } from './preset-source.ts'
import type { Build, Config, External, LoadedConfig, Secret, Service, ServiceBuild } from './schema.ts'
import { minikubeNetworks } from './schema-cluster.ts'
import type { PresetSource } from './schema-presets.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * Makes every path absolute, gives URLs a scheme, and sets the name of the cluster and, on an existing cluster, the
 * namespace of the developer. `root` is the folder of `file`, and `env` names the user.
 */
export function resolveConfig(config: Config, file: string, root: string, env: Env = {}): LoadedConfig {
  const { name, cluster } = onExistingCluster(config, env)
  const mapped = new Set(config.cluster.ports.map((mapping) => String(portPair(mapping).local)))
  // On an existing cluster, no node port is mapped to this machine. A URL with such a port would not work.
  const urlOf = (url: string) => (cluster.provider === 'existing' && isMapped(url, mapped) ? {} : { url })
  const absolute = (path: string) => resolve(root, path)
  const build = <T extends Build>(given: T): T => {
    const context = absolute(given.context)
    return {
      ...given,
      context,
      dockerfile: resolve(context, given.dockerfile),
      contexts: mapValues(given.contexts, (source) =>
        isFolderContext(source) ? absolute(source) : withLayout(source, absolute),
      ),
      ssh: given.ssh.map((entry) => {
        const [id = '', files] = entry.split(/=(.*)/s)
        return files === undefined ? id : `${id}=${files.split(',').map(absolute).join(',')}`
      }),
      secrets: mapValues(given.secrets, (secret) =>
        secret.file === undefined ? secret : { ...secret, file: absolute(secret.file) },
      ),
      ...(typeof given.caCertificates === 'string' ? { caCertificates: absolute(given.caCertificates) } : {}),
    }
  }
  const localBuild = ({ local }: ServiceBuild): Pick<ServiceBuild, 'local'> => {
    if (local === undefined) return {}
    return { local: { ...local, outputs: local.outputs.map((each) => ({ ...each, from: absolute(each.from) })) } }
  }
  const envFile = <T extends Pick<Secret, 'fromEnvFile' | 'orElse'>>(given: T): T => ({
    ...given,
    fromEnvFile: absolute(given.fromEnvFile),
    ...(given.orElse === undefined ? {} : { orElse: absolute(given.orElse) }),
  })
  const service = (given: Service): Service => ({
    ...given,
    ...(given.build === undefined ? {} : { build: { ...build(given.build), ...localBuild(given.build) } }),
    url: undefined,
    ...(given.url === undefined ? {} : urlOf(fullUrl(given.url))),
    sync: given.sync.map((rule) => ({ ...rule, from: absolute(rule.from) })),
  })
  const external = (given: External): External => ({
    ...given,
    ...(given.build === undefined ? {} : { build: build(given.build) }),
    ...(given.secret === undefined ? {} : { secret: envFile(given.secret) }),
  })
  const inFolder = <T extends { readonly cwd: string }>(given: T): T => ({ ...given, cwd: absolute(given.cwd) })
  return {
    ...config,
    file,
    root,
    overlay: undefined,
    name,
    presets: config.presets.map((entry) => {
      if (typeof entry !== 'string') return resolvedSource(entry, absolute)
      return entry.includes('/') ? absolute(entry) : entry
    }),
    cluster: {
      ...cluster,
      name: cluster.name ?? name,
      ...(cluster.kubeconfig === undefined ? {} : { kubeconfig: absolute(cluster.kubeconfig) }),
      ...(cluster.cni === undefined || minikubeNetworks.has(cluster.cni) ? {} : { cni: absolute(cluster.cni) }),
      ...(cluster.mount === undefined ? {} : { mount: absoluteMount(cluster.mount, absolute) }),
    },
    deploy: {
      ...config.deploy,
      manifests: config.deploy.manifests.map(absolute),
      kustomize: config.deploy.kustomize.map(absolute),
      overlays: mapValues(config.deploy.overlays, (folders) => folders.map(absolute)),
      helm: config.deploy.helm.map((release) => ({
        ...release,
        chart: isRemoteChart(release) ? release.chart : absolute(release.chart),
        values: release.values.map(absolute),
      })),
    },
    services: mapValues(config.services, service),
    externals: mapValues(config.externals, external),
    secrets: mapValues(config.secrets, envFile),
    jobs: mapValues(config.jobs, inFolder),
    locals: mapValues(config.locals, inFolder),
  }
}

function resolvedSource(entry: PresetSource, absolute: (path: string) => string): PresetSource {
  const { chart, repo, kustomize, manifests, values } = entry
  return {
    ...entry,
    name: sourceName(entry),
    values: values.map(absolute),
    ...(chart === undefined || isRemoteChart({ chart, repo }) ? {} : { chart: absolute(chart) }),
    ...(kustomize === undefined ? {} : { kustomize: absolute(kustomize) }),
    ...(manifests === undefined
      ? {}
      : { manifests: manifests.map((file) => (isRemoteFile(file) ? file : absolute(file))) }),
  }
}

/** Adds `http://` to a URL without a scheme. The rules report what is not a URL then. */
function fullUrl(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`
}

function mapValues<T>(record: Record<string, T>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

/**
 * On an existing cluster, the name of the project contains the name of the developer. Otherwise two people who work on
 * the same project in one cluster would have objects with the same names and labels.
 */
function onExistingCluster(config: Config, env: Env): Pick<Config, 'name' | 'cluster'> {
  const { name, cluster } = config
  if (cluster.provider !== 'existing') return { name, cluster }
  if (cluster.project !== undefined) return { name, cluster: { ...cluster, ports: [] } }
  const template = cluster.namespace ?? '{user}-{project}'
  const user = developer(env)
  const namespace = template.replaceAll('{user}', user).replaceAll('{project}', name)
  return { name: template.includes('{user}') ? `${user}-${name}` : name, cluster: { ...cluster, namespace, ports: [] } }
}

/** The login name of the developer, as a part of a Kubernetes name. */
function developer(env: Env): string {
  const login = env.USER || env.LOGNAME || userInfo().username
  return (
    login
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'dev'
  )
}

function absoluteMount(mount: string, absolute: (path: string) => string): string {
  const [folder = '', inside] = mount.split(':')
  return `${absolute(folder)}:${inside}`
}

function isMapped(url: string, ports: ReadonlySet<string>): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && /(^|\.)localhost$|^127\./.test(parsed.hostname) && ports.has(parsed.port || '80')
}
