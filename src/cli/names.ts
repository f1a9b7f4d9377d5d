import { join } from 'node:path'
import { builtInNames } from '../presets/folder.ts'
import { statePaths } from '../state/paths.ts'
import { findProject, readProject } from '../state/projects.ts'
import type { NameSource } from './completion.ts'

/** Names for shell completion from the record of the project around `cwd`, or of `--project`; jobs are in no record. */
export function recordedNames(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  project: string | undefined,
  packageRoot: string,
): NameSource {
  return async (kind) => {
    if (kind === 'job') return []
    if (kind === 'preset') return builtInNames(join(packageRoot, 'presets'))
    const paths = statePaths(env)
    const record = project === undefined ? await findProject(paths, cwd) : await readProject(paths, project)
    const services = record?.services.map(({ name }) => name) ?? []
    return kind === 'name' ? [...services, ...(record?.presets ?? []).map(({ name }) => name)] : services
  }
}
