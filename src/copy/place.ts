import { posix } from 'node:path'
import { DevkError } from '../errors.ts'

/** A path in a container of a service. */
export interface RemotePath {
  readonly service: string
  /** Absolute, without `..`. */
  readonly path: string
  /** It was written with a slash at its end: it is a folder. */
  readonly isFolder: boolean
}

/** What to copy, and where. */
export type Copy =
  | { readonly way: 'from'; readonly remote: RemotePath; readonly local: string }
  | { readonly way: 'to'; readonly local: string; readonly remote: RemotePath }

/**
 * Reads the arguments of `devk cp`: one of them is `SERVICE:PATH`, the other a path of this machine, as for
 * `kubectl cp`. Throws USAGE. Pure.
 */
export function copyOf([from, to, ...more]: readonly string[]): Copy {
  if (from === undefined || to === undefined || more.length > 0) throw usage('cp needs a source and a target')
  const [source, target] = [remoteOf(from), remoteOf(to)]
  if (source !== undefined && target !== undefined) throw usage('Both paths are in containers')
  if (source !== undefined) {
    if (source.path === '/') throw usage('The root of a container cannot be copied')
    return { way: 'from', remote: source, local: localOf(to) }
  }
  if (target === undefined) throw usage('Neither path is in a container')
  return { way: 'to', local: localOf(from), remote: target }
}

/** A colon behind the name of a service. `./a:b` is a path of this machine. */
function remoteOf(text: string): RemotePath | undefined {
  const [, service, path] = /^([a-z0-9][a-z0-9-]*):(.*)$/s.exec(text) ?? []
  if (service === undefined || path === undefined) return undefined
  if (!path.startsWith('/')) {
    throw usage(`${JSON.stringify(path)} must be an absolute path in the container`)
  }
  if (path.includes('\0')) throw usage('No path contains a zero byte')
  const whole = posix.normalize(path)
  return { service, path: whole.length > 1 ? whole.replace(/\/$/, '') : whole, isFolder: path.endsWith('/') }
}

function localOf(path: string): string {
  if (path === '') throw usage('A path is empty')
  if (path.includes('\0')) throw usage('No path contains a zero byte')
  return path
}

function usage(message: string): DevkError {
  return new DevkError('USAGE', message, {
    hint: 'Examples: devk cp backend:/app/report.csv . or devk cp seed.sql backend:/tmp/',
  })
}
