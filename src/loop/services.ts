import { isAbsolute, join, resolve } from 'node:path'
import { hasDockerfile } from '../config/build-contexts.ts'
import type { SyncRule as ConfiguredRule, LoadedConfig, LocalBuild } from '../config/schema.ts'
import { ignoreRules, readIgnore } from '../images/build/ignore.ts'
import { outsideIgnore } from '../images/outside/sources.ts'
import { parseDuration } from '../lib/duration.ts'
import { supervisor } from '../lib/keys.ts'
import { isWithin } from '../lib/paths.ts'
import { lockName } from '../manifests/charts/lock.ts'
import { remoteReleases } from '../manifests/charts/source.ts'
import { type RenderInputs, renderInputs } from '../manifests/inputs.ts'
import type { SyncCommand } from '../sync/syncer.ts'
import type { Listing } from '../watch/watch-tree.ts'
import { type LocalRule, type Patterns, relativePath, type WatchedService } from './decide.ts'

/**
 * The services whose images devk builds, with their ignore rules. `isPulled` says which files are as they were brought
 * back from a container. Reads the .dockerignore files; throws what reading them throws.
 */
export async function watchedServices(
  config: Pick<LoadedConfig, 'services'>,
  isPulled?: (path: string) => boolean,
): Promise<WatchedService[]> {
  const found = Object.entries(config.services).map(async ([name, service]): Promise<WatchedService | undefined> => {
    const { build, sync } = service
    if (!build) return undefined
    const { context } = build
    const dockerfile = hasDockerfile(build) ? resolve(context, build.dockerfile) : undefined
    const ignore = dockerfile === undefined ? await outsideIgnore(build) : await readIgnore({ context, dockerfile })
    const folders = Object.values(build.contexts).filter((source) => isAbsolute(source))
    const contexts = folders.map(async (folder) => ({
      folder,
      // BuildKit reads only this ignore file in other contexts.
      ignore: await readIgnore({ context: folder, dockerfile: join(folder, '.dockerignore') }),
    }))
    const rebuild = ignoreRules(service.rebuild.join('\n'))
    return {
      name,
      context,
      dockerfile,
      ignore,
      contexts: await Promise.all(contexts),
      unwatched: ignoreRules(service.ignore.join('\n')),
      rebuilds: (path) => rebuild.ignores(path),
      manual: service.trigger === 'manual',
      ...(isPulled === undefined ? {} : { isPulled }),
      ...(build.local === undefined ? {} : { local: localRule(build.local, restartOf(sync)) }),
      sync: withCommands(sync).map(({ from, to, exclude, run }) => {
        const unbuilt = leavesOut(ignore, relativePath(context, from))
        return { from, to, unbuilt, exclude: ignoreRules(exclude.join('\n')), run }
      }),
    }
  })
  return (await Promise.all(found)).filter((service) => service !== undefined)
}

/** The rules with their commands. A line is for the shell of the container: the kubelet starts programs only. */
function withCommands(rules: readonly ConfiguredRule[]) {
  let place = 0
  const commands = rules.map(({ run }) =>
    run.map(({ command, when, timeout }) => {
      place += 1
      const argv = typeof command === 'string' ? ['sh', '-c', command] : command
      const text = typeof command === 'string' ? command : command.join(' ')
      const timeoutMs = parseDuration(timeout) ?? 0
      return {
        command: { argv, text, timeoutMs, place },
        when: when.length === 0 ? undefined : ignoreRules(when.join('\n')),
      }
    }),
  )
  // The program starts again when all commands of the service are done, and once for all rules.
  const restart = { command: restartOf(rules), when: undefined }
  return rules.map((rule, i) => ({
    ...rule,
    run: [...(commands[i] ?? []), ...(rule.restart ? [restart] : [])],
  }))
}

/** The restart of a service: behind all commands of its rules. */
function restartOf(rules: readonly ConfiguredRule[]): SyncCommand {
  return { ...restarting, place: rules.reduce((sum, { run }) => sum + run.length, 1) }
}

function localRule({ outputs, watch, restart }: LocalBuild, restarts: SyncCommand): LocalRule {
  // Of a list of patterns, all that they do not match is left out here.
  const others = watch && ignoreRules(['**', ...watch.map(opposite)].join('\n'))
  return {
    outputs: outputs.map(({ from }) => from),
    watch: others && {
      includes: (path) => !others.ignores(path),
      mayIncludeBelow: (folder) => others.mayReturnBelow(folder),
    },
    run: restart ? [restarts] : [],
  }
}

const opposite = (pattern: string) => (pattern.startsWith('!') ? pattern.slice(1) : `!${pattern}`)

/** Longer than the supervisor waits for a program to end. */
const restarting = {
  argv: [supervisor.program, 'restart', supervisor.socket],
  text: 'restart',
  timeoutMs: 60_000,
  restarts: true,
} as const

/** Whether a build leaves out a file, or a folder with all that may be in it (`dist`, `dist/*`). */
function leavesOut({ ignores, mayReturnBelow }: Patterns, path: string): boolean {
  if (path === '' || mayReturnBelow(path)) return false
  return ignores(path) || ignores(`${path}/any-name-of-a-file`)
}

/**
 * What the Kubernetes objects are made from: a change of it applies all objects again. `imports` are the files that the
 * configuration imports.
 */
export function redeployInputs(config: LoadedConfig, imports: readonly string[]): Promise<RenderInputs> {
  const variables = [...Object.values(config.secrets), ...Object.values(config.externals).map(({ secret }) => secret)]
  const envFiles = variables.flatMap((source) =>
    source ? [source.fromEnvFile, ...(source.orElse === undefined ? [] : [source.orElse])] : [],
  )
  const locks = remoteReleases(config.deploy.helm).length === 0 ? [] : [join(config.root, lockName)]
  return renderInputs(config.deploy, [config.file, ...imports, ...envFiles, ...locks])
}

/** The files of a build context that an image was named after. */
export interface ContextFiles {
  readonly context: string
  readonly files: ReadonlyMap<string, number>
  readonly folders: readonly string[]
}

/**
 * The listings of build contexts as the watch compares them: a file that is in a context now and not in its listing is
 * new, and one that is missing was deleted since.
 */
export function listingsFor(contexts: readonly ContextFiles[], services: readonly WatchedService[]): Listing[] {
  return contexts.map(({ context, files, folders }) => ({
    files,
    folders,
    covers: (path) => {
      const rest = relativePath(context, path)
      const uses = services.filter((service) => service.context === context)
      return isWithin(path, context) && uses.some(({ ignore }) => rest !== '' && !ignore.ignores(rest))
    },
  }))
}
