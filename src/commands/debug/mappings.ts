import { join, relative } from 'node:path'
import type { LoadedConfig } from '../../config/schema.ts'
import type { Opened } from '../../debug/debugger.ts'
import { mappingsOf, type PathMapping, sourceMapping } from '../../debug/mapping.ts'
import { exists } from '../../lib/paths.ts'

/**
 * Where the sources of a service are on this machine and for its debugger: for a compiled program, where its compiler
 * saw them; else what its sync rules say, or its build context and the working directory of the program.
 */
export async function mappingsIn(
  { root, services }: Pick<LoadedConfig, 'root' | 'services'>,
  service: string,
  { cwd, main }: Pick<Opened, 'cwd' | 'main'>,
): Promise<PathMapping[]> {
  const { sync = [], build } = services[service] ?? {}
  const local = (path: string) => relative(root, path).replaceAll('\\', '/') || '.'
  if (main !== undefined) return sourceMapping(main, local(build?.context ?? root), (path) => exists(join(root, path)))
  if (sync.length > 0) return mappingsOf(sync.map(({ from, to }) => ({ from: local(from), to })))
  return build === undefined || cwd === '' ? [] : [{ local: local(build.context), remote: cwd }]
}
