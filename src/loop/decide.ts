import { basename, join, relative, sep } from 'node:path'
import type { IgnoreRules } from '../images/build/ignore.ts'
import { isWithin } from '../lib/paths.ts'
import type { RenderInputs } from '../manifests/inputs.ts'
import type { SyncCommand, SyncFile } from '../sync/syncer.ts'
import type { Change } from '../watch/changes.ts'
import { isNoise } from './noise.ts'

/** Compiled patterns of paths. */
export type Patterns = Pick<IgnoreRules, 'ignores' | 'mayReturnBelow'>

/** A sync rule of the configuration, with its patterns compiled. */
export interface SyncRule {
  /** Absolute path of a folder or file on this machine. */
  readonly from: string
  /** Absolute path in the container. */
  readonly to: string
  /** The paths, relative to `from`, that are of no interest to the loop. */
  readonly exclude: Patterns
  /** `.dockerignore` leaves out all of `from`: what it contains is in no image, and is synced all the same. */
  readonly unbuilt: boolean
  /** Commands for the container that has received a file, and for which of them: paths relative to `from`. */
  readonly run?: readonly { readonly command: SyncCommand; readonly when: Patterns | undefined }[]
}

/** What of a service is compiled on this machine. */
export interface LocalRule {
  /** Absolute paths of what the compiler makes. devk sends it by itself, and its changes mean nothing. */
  readonly outputs: readonly string[]
  /** The files that start the compiler; undefined: all that make an image and that no sync rule covers. */
  readonly watch: { includes(path: string): boolean; mayIncludeBelow(folder: string): boolean } | undefined
  /** Commands for a container that has received outputs. */
  readonly run: readonly SyncCommand[]
}

/** A service whose source is watched, and the rules that decide what a change in it does. */
export interface WatchedService {
  readonly name: string
  /** Absolute path of the build context. */
  readonly context: string
  /** Absolute path of the Dockerfile; undefined when a command makes the image. */
  readonly dockerfile: string | undefined
  /** The rules of its .dockerignore. */
  readonly ignore: Patterns
  /** Folders that are more contexts of its build, with the rules of their .dockerignore. */
  readonly contexts?: readonly { readonly folder: string; readonly ignore: Patterns }[]
  /** What the loop ignores besides: paths relative to the context. */
  readonly unwatched: Patterns
  /** Whether a path relative to the context makes a new image, even if a sync rule covers it. */
  rebuilds(path: string): boolean
  readonly sync: readonly SyncRule[]
  readonly local?: LocalRule
  /** Its saves wait until somebody asks for them. */
  readonly manual?: boolean
  /** Whether a file is as devk has brought it back from a container. It starts no commands: they may have made it. */
  isPulled?(path: string): boolean
}

/** All files that the loop watches. */
export interface WatchedSources {
  readonly services: readonly WatchedService[]
  /** What the objects are made from: manifests, configuration, .env files. */
  readonly redeploy: RenderInputs
}

/** What a batch of changes does to one service. */
export type ServiceAction =
  | {
      readonly service: string
      readonly action: 'sync'
      readonly files: readonly SyncFile[]
      /** Compile on this machine as well; the commands are for a container that has received outputs. */
      readonly compile?: readonly SyncCommand[]
    }
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
  const isDeployed = ({ path, directory }: Change) =>
    !directory && sources.redeploy.reads(path) && !isNoise(basename(path))
  const deployed = changes.filter(isDeployed)
  const others = changes.filter((change) => !isDeployed(change))
  return {
    services: sources.services
      .map((service) => decideForService(others, service))
      .filter((action) => action !== undefined),
    redeploy: deployed.length === 0 ? undefined : reasonOf(deployed),
  }
}

/** The services that a file is a source of. Pure. */
export function servicesOf(path: string, services: readonly WatchedService[]): string[] {
  const uses = (service: WatchedService) =>
    path === service.dockerfile || isIgnoreFile(path, service) || matters(path, service)
  return services.filter(uses).map(({ name }) => name)
}

function decideForService(changes: readonly Change[], service: WatchedService): ServiceAction | undefined {
  const files: SyncFile[] = []
  const outside: Change[] = []
  let ignoreChanged = false
  let compiles = false
  for (const change of changes) {
    if (isIgnoreFile(change.path, service)) ignoreChanged = true
    else if (change.path !== service.dockerfile) {
      if (!matters(change.path, service)) continue
      const file = syncFileOf(change, service)
      if (file) files.push(file)
      // The files of a deleted folder are changes of their own. The folder alone is no reason for a build.
      if (change.directory) continue
      const isCompiled = startsCompiler(change.path, service, file !== undefined)
      if ((file || isCompiled) && !service.rebuilds(relativePath(service.context, change.path))) {
        compiles ||= isCompiled
        continue
      }
    }
    outside.push(change)
  }
  if (outside.length > 0) {
    return { service: service.name, action: 'rebuild', reason: reasonOf(outside), ignoreChanged, files }
  }
  const compile = compiles && service.local ? { compile: service.local.run } : {}
  return files.length > 0 || compiles ? { service: service.name, action: 'sync', files, ...compile } : undefined
}

function startsCompiler(path: string, { local, context }: WatchedService, isSynced: boolean): boolean {
  if (local === undefined) return false
  return local.watch === undefined
    ? !isSynced
    : isWithin(path, context) && local.watch.includes(relativePath(context, path))
}

/** Whether a compiler on this machine makes this file, or all of this folder. */
export function isOutput(path: string, { local }: Pick<WatchedService, 'local'>): boolean {
  return local?.outputs.some((output) => isWithin(path, output)) ?? false
}

/** The change as a file to sync; undefined when no rule covers it. */
function syncFileOf(change: Change, service: WatchedService): SyncFile | undefined {
  const { sync, context, ignore } = service
  const rule = sync.find((each) => covers(each, change.path))
  if (rule === undefined) return undefined
  const rest = relativePath(rule.from, change.path)
  const to = rest === '' ? rule.to : `${rule.to.replace(/\/+$/, '')}/${rest}`
  const unbuilt = ignore.ignores(relativePath(context, change.path)) ? { unbuilt: true } : {}
  const wanted = (rule.run ?? []).filter(({ when }) => rest === '' || (when?.ignores(rest) ?? true))
  const startsNone = change.directory || service.isPulled?.(change.path)
  const commands = startsNone ? [] : wanted.map(({ command }) => command)
  const more = { ...unbuilt, ...(commands.length > 0 ? { run: commands } : {}) }
  return change.kind === 'changed'
    ? { kind: 'write', from: change.path, to, ...more }
    : { kind: 'delete', to, directory: change.directory ?? false, ...more }
}

function covers(rule: SyncRule, path: string): boolean {
  if (!isWithin(path, rule.from)) return false
  const rest = relativePath(rule.from, path)
  return rest === '' || !rule.exclude.ignores(rest)
}

/** Whether the loop acts on a change of this path: it is in the image, or a rule for unbuilt files covers it. */
export function matters(path: string, service: WatchedService): boolean {
  if (isOutput(path, service)) return false
  if (service.contexts?.some((context) => isUsedIn(context, path))) return true
  if (!isWithin(path, service.context)) return false
  const rest = relativePath(service.context, path)
  if (rest === '' || isNoise(rest) || service.unwatched.ignores(rest)) return false
  if (service.local?.watch?.includes(rest)) return true
  const rules = service.sync.filter(({ from }) => isWithin(path, from))
  if (service.ignore.ignores(rest)) return rules.some((rule) => rule.unbuilt && covers(rule, path))
  return rules.length === 0 || rules.some((rule) => covers(rule, path)) || service.rebuilds(rest)
}

function isUsedIn({ folder, ignore }: NonNullable<WatchedService['contexts']>[number], path: string): boolean {
  if (!isWithin(path, folder)) return false
  const rest = relativePath(folder, path)
  return rest !== '' && !isNoise(rest) && !ignore.ignores(rest)
}

/** Whether this file has the rules that decide what a build leaves out. */
export function isIgnoreFile(
  path: string,
  service: Pick<WatchedService, 'context' | 'dockerfile' | 'contexts'>,
): boolean {
  const folders = [service.context, ...(service.contexts ?? []).map(({ folder }) => folder)]
  if (folders.some((folder) => path === join(folder, '.dockerignore'))) return true
  return service.dockerfile === undefined
    ? path === join(service.context, '.gitignore')
    : path === `${service.dockerfile}.dockerignore`
}

/** "package.json changed", "a.ts and 3 more changed". */
function reasonOf(changes: readonly Change[]): string {
  const [first, ...more] = changes
  if (!first) return ''
  const name = basename(first.path)
  if (more.length > 0) return `${name} and ${more.length} more changed`
  return `${name} ${first.kind}`
}

/** The path from one absolute path to another one, with slashes. */
export function relativePath(root: string, path: string): string {
  return relative(root, path).split(sep).join('/')
}
