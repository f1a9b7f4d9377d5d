import { basename } from 'node:path'
import { isWithin } from '../lib/paths.ts'
import { isIgnoreFile, isOutput, matters, relativePath, type WatchedService, type WatchedSources } from './decide.ts'
import { isNoise } from './noise.ts'

/** What to watch for these sources, and which paths below do not matter. */
export interface WatchScope {
  readonly roots: readonly string[]
  /** Folders that are followed when they are links: a build follows a link that it copies from. */
  readonly follow: readonly string[]
  ignored(path: string, directory: boolean): boolean
}

/** The scope of the watch. Pure. */
export function watchScope({ services, redeploy }: WatchedSources): WatchScope {
  const outside = services.flatMap(({ context, dockerfile }) =>
    dockerfile === undefined || isWithin(dockerfile, context) ? [] : [dockerfile, `${dockerfile}.dockerignore`],
  )
  const rules = services.flatMap(({ sync }) => sync)
  const wanted = [
    ...redeploy.roots,
    ...services.flatMap((service) => [...foldersOf(service), service.dockerfile ?? service.context]),
    ...rules.filter(({ unbuilt }) => unbuilt).map(({ from }) => from),
  ]
  const isSource = (path: string, directory: boolean, service: WatchedService): boolean => {
    if (path === service.dockerfile || isIgnoreFile(path, service) || foldersOf(service).includes(path)) return true
    if (matters(path, service)) return true
    if (!directory || isOutput(path, service)) return false
    const holds = service.contexts?.find(({ folder }) => isWithin(path, folder))
    if (holds?.ignore.mayReturnBelow(relativePath(holds.folder, path))) return true
    if (!isWithin(path, service.context)) return false
    const rest = relativePath(service.context, path)
    if (isNoise(rest)) return false
    if (service.unwatched.ignores(rest)) return service.unwatched.mayReturnBelow(rest)
    if (service.local?.watch?.mayIncludeBelow(rest)) return true
    if (service.ignore.ignores(rest)) return service.ignore.mayReturnBelow(rest)
    const rules = service.sync.filter(({ from }) => isWithin(path, from))
    return rules.some(({ from, exclude }) => exclude.mayReturnBelow(relativePath(from, path)))
  }
  return {
    roots: [...new Set([...services.flatMap(foldersOf), ...outside, ...redeploy.roots])],
    follow: rules.map(({ from }) => from).filter((from) => !services.some(({ context }) => context === from)),
    ignored(path, directory) {
      if (directory && wanted.some((root) => isWithin(root, path))) return false
      if (
        directory
          ? redeploy.mayReadBelow(path) && !isNoise(basename(path))
          : redeploy.reads(path) && !isNoise(basename(path))
      )
        return false
      return !services.some((service) => isSource(path, directory, service))
    },
  }
}

function foldersOf({ context, contexts = [] }: WatchedService): string[] {
  return [context, ...contexts.map(({ folder }) => folder)]
}
