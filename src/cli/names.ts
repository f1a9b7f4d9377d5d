import { join } from 'node:path'
import { builtInNames } from '../presets/folder.ts'
import type { StatePaths } from '../state/paths.ts'
import { findProject, readProject } from '../state/projects.ts'
import type { NameSource } from './completion.ts'

/** Where shell completion looks for names. */
export interface NameLocations {
  readonly paths: StatePaths
  /** Folder of devk itself. */
  readonly packageRoot: string
  /** Folder that devk was called in. */
  readonly cwd: string
  /** `--project`. */
  readonly project: string | undefined
}

/** Names for shell completion, from the record of the current project. A record does not list jobs. */
export function recordedNames({ paths, packageRoot, cwd, project }: NameLocations): NameSource {
  return async (kind) => {
    if (kind === 'job') return []
    if (kind === 'preset') return builtInNames(join(packageRoot, 'presets'))
    const record = project === undefined ? await findProject(paths, cwd) : await readProject(paths, project)
    const services = record?.services.map(({ name }) => name) ?? []
    return kind === 'name' ? [...services, ...(record?.presets ?? []).map(({ name }) => name)] : services
  }
}
