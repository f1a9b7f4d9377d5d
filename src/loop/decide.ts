import { basename, join, relative, sep } from 'node:path'
import type { SyncFile } from '../sync/syncer.ts'
import type { Change } from '../watch/changes.ts'
import { isNoise } from './noise.ts'

/** A sync rule of the configuration, with its patterns compiled. */
export interface SyncRule {
  /** Absolute path of a folder or file on this machine. */
  readonly from: string
  /** Absolute path in the container. */
  readonly to: string
  /** Whether a path relative to `from` is excluded from the sync. */
  excludes(path: string): boolean
}

/** A service whose source is watched, and the rules that decide what a change in it does. */
export interface WatchedService {
  readonly name: string
  /** Absolute path of the build context. */
  readonly context: string
  /** Absolute path of the Dockerfile. */
  readonly dockerfile: string
  readonly ignore: { ignores(path: string): boolean; mayReturnBelow(folder: string): boolean }
  readonly sync: readonly SyncRule[]
}

/** All files that the loop watches. */
export interface WatchedSources {
  readonly services: readonly WatchedService[]
  /** Absolute paths of the files and folders that the objects are made from: manifests, configuration, .env files. */
  readonly redeploy: readonly string[]
}

/** What a batch of changes does to one service. */
export type ServiceAction =
  | { readonly service: string; readonly action: 'sync'; readonly files: readonly SyncFile[] }
  /**
   * `ignoreChanged`: a .dockerignore changed, so the rules must be read again. `files`: the changes that sync rules
   * cover. A container that starts before the build is deployed must not get an older state of them.
   */
  | {
      readonly service: string
      readonly action: 'rebuild'
      readonly reason: string
      readonly ignoreChanged: boolean
      readonly files: readonly SyncFile[]
    }

/** What a batch of changes does. */
export interface Decision {
  readonly services: readonly ServiceAction[]
  /** Why all objects must be applied again; undefined when they need not be. */
  readonly redeploy: string | undefined
}

/**
 * Decides what a batch of changes does: sync, rebuild or apply all objects again. Lists only services that have
 * something to do. Pure.
 */
export function decide(changes: readonly Change[], sources: WatchedSources): Decision {
  const isDeployed = (path: string) => sources.redeploy.some((root) => isWithin(path, root))
  const deployed = changes.filter((change) => !change.directory && isDeployed(change.path))
  const others = changes.filter((change) => !isDeployed(change.path))
  return {
    services: sources.services
      .map((service) => decideForService(others, service))
      .filter((action) => action !== undefined),
    redeploy: deployed.length === 0 ? undefined : reasonOf(deployed),
  }
}

/** The services, and whether all objects too, that a file is a source of. Pure. */
export function sourceOf(path: string, { services, redeploy }: WatchedSources) {
  const uses = (service: WatchedService) =>
    path === service.dockerfile || isIgnoreFile(path, service) || isOfContext(path, service)
  return {
    services: services.filter(uses).map(({ name }) => name),
    redeploy: redeploy.some((root) => isWithin(path, root)),
  }
}

function decideForService(changes: readonly Change[], service: WatchedService): ServiceAction | undefined {
  const files: SyncFile[] = []
  const outside: Change[] = []
  let ignoreChanged = false
  for (const change of changes) {
    if (isIgnoreFile(change.path, service)) ignoreChanged = true
    else if (change.path !== service.dockerfile) {
      if (!isOfContext(change.path, service)) continue
      const file = syncFileOf(change, service.sync)
      if (file) files.push(file)
      // The files of a deleted folder are changes of their own. The folder alone is no reason for a build.
      if (file || change.directory) continue
    }
    outside.push(change)
  }
  if (outside.length > 0) {
    return { service: service.name, action: 'rebuild', reason: reasonOf(outside), ignoreChanged, files }
  }
  return files.length > 0 ? { service: service.name, action: 'sync', files } : undefined
}

/** The change as a file to sync; undefined when no rule covers it. */
function syncFileOf(change: Change, rules: readonly SyncRule[]): SyncFile | undefined {
  for (const rule of rules) {
    if (!isWithin(change.path, rule.from)) continue
    const rest = relativePath(rule.from, change.path)
    if (rest !== '' && rule.excludes(rest)) continue
    const to = rest === '' ? rule.to : `${rule.to.replace(/\/+$/, '')}/${rest}`
    return change.kind === 'changed'
      ? { kind: 'write', from: change.path, to }
      : { kind: 'delete', to, directory: change.directory ?? false }
  }
  return undefined
}

function isOfContext(path: string, service: WatchedService): boolean {
  if (!isWithin(path, service.context)) return false
  const rest = relativePath(service.context, path)
  return rest !== '' && !isNoise(rest) && !service.ignore.ignores(rest)
}

function isIgnoreFile(path: string, service: WatchedService): boolean {
  return path === join(service.context, '.dockerignore') || path === `${service.dockerfile}.dockerignore`
}

/** "package.json changed", "a.ts and 3 more changed". */
function reasonOf(changes: readonly Change[]): string {
  const [first, ...more] = changes
  if (!first) return ''
  const name = basename(first.path)
  if (more.length > 0) return `${name} and ${more.length} more changed`
  return `${name} ${first.kind}`
}

/** The paths to watch for these sources, and which paths below them can be ignored. */
export function watchScope(sources: WatchedSources) {
  const { services, redeploy } = sources
  const outside = services.flatMap(({ context, dockerfile }) =>
    isWithin(dockerfile, context) ? [] : [dockerfile, `${dockerfile}.dockerignore`],
  )
  const wanted = [...redeploy, ...services.flatMap((service) => [service.context, service.dockerfile])]
  const matters = (path: string, directory: boolean, service: WatchedService): boolean => {
    if (path === service.dockerfile || isIgnoreFile(path, service) || path === service.context) return true
    if (isOfContext(path, service)) return true
    if (!directory || !isWithin(path, service.context)) return false
    const rest = relativePath(service.context, path)
    return !isNoise(rest) && service.ignore.mayReturnBelow(rest)
  }
  return {
    roots: [...new Set([...services.map((service) => service.context), ...outside, ...redeploy])],
    ignored(path: string, directory: boolean): boolean {
      if (directory && wanted.some((root) => isWithin(root, path))) return false
      if (redeploy.some((root) => isWithin(path, root) && !isNoise(relativePath(root, path)))) return false
      return !services.some((service) => matters(path, directory, service))
    },
  }
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}

function relativePath(root: string, path: string): string {
  return relative(root, path).split(sep).join('/')
}
