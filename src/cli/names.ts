import { join } from 'node:path'
import { isJobWorkload } from '../kube/pod-workload.ts'
import { builtInNames } from '../presets/folder.ts'
import type { StatePaths } from '../state/paths.ts'
import { findProject, type ProjectRecord, readProject } from '../state/projects.ts'
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

/** Names for shell completion, from the record of the current project. */
export function recordedNames({ paths, packageRoot, cwd, project }: NameLocations): NameSource {
  return async (kind) => {
    if (kind === 'preset') return builtInNames(join(packageRoot, 'presets'))
    const record = project === undefined ? await findProject(paths, cwd) : await readProject(paths, project)
    if (kind === 'job') return jobsOf(record)
    const services = record?.services.map(({ name }) => name) ?? []
    return kind === 'name' ? [...services, ...(record?.presets ?? []).map(({ name }) => name)] : services
  }
}

/** What `devk run` runs: jobs of the configuration, and services that are Jobs. */
function jobsOf(record: ProjectRecord | undefined): string[] {
  const services = (record?.services ?? []).filter(({ workload }) => isJobWorkload(workload))
  return [...(record?.jobs ?? []), ...services].map(({ name }) => name)
}
