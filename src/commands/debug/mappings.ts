import { relative } from 'node:path'
import type { LoadedConfig } from '../../config/schema.ts'
import { mappingsOf, type PathMapping } from '../../debug/mapping.ts'

/**
 * Where the sources of a service are on this machine and in its container: what its sync rules say, or else its build
 * context and the working directory of the program. Pure.
 */
export function mappingsIn(
  { root, services }: Pick<LoadedConfig, 'root' | 'services'>,
  service: string,
  cwd: string,
): PathMapping[] {
  const { sync = [], build } = services[service] ?? {}
  const local = (path: string) => relative(root, path).replaceAll('\\', '/') || '.'
  if (sync.length > 0) return mappingsOf(sync.map(({ from, to }) => ({ from: local(from), to })))
  return build === undefined || cwd === '' ? [] : [{ local: local(build.context), remote: cwd }]
}
