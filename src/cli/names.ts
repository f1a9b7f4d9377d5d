import { statePaths } from '../state/paths.ts'
import { findProject, readProject } from '../state/projects.ts'
import type { NameSource } from './completion.ts'

/** Names for shell completion from the record of the project around `cwd`, or of `--project`; jobs are in no record. */
export function recordedNames(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  project: string | undefined,
): NameSource {
  return async (kind) => {
    if (kind === 'job') return []
    const paths = statePaths(env)
    const record = project === undefined ? await findProject(paths, cwd) : await readProject(paths, project)
    return record?.services.map(({ name }) => name) ?? []
  }
}
