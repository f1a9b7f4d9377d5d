import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, relative, sep } from 'node:path'
import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'
import { readIfThere, writeAtomic } from './files.ts'
import type { StatePaths } from './paths.ts'

/**
 * What `status`, `logs` and `down` know about a project without its configuration file, which may be invalid or
 * missing.
 */
export interface ProjectRecord {
  readonly name: string
  /** Folder of the configuration file. */
  readonly root: string
  readonly configFile: string
  readonly profile: string | undefined
  /** The overlay that is deployed; undefined for the default one, and in records of older versions. */
  readonly overlay?: string | undefined
  readonly cluster: {
    readonly provider: string
    readonly name: string
    readonly context: string
    /** The project that the cluster belongs to, when it is another one. */
    readonly project?: string | undefined
    /** UID of the namespace kube-system, which differs between clusters of the same name. */
    readonly uid: string | undefined
  }
  /** `down` has removed all but what it keeps, such as volume claims; a later `down --prune-data` finds it here. */
  readonly isDown?: true | undefined
  readonly namespace: string
  readonly services: readonly ServiceRecord[]
  readonly externals: readonly string[]
  /** Jobs of the configuration; absent in records of older versions. */
  readonly jobs?: readonly JobRecord[] | undefined
  readonly presets: readonly PresetRecord[]
  /** Ports of this machine that lead to the cluster; absent in records of older versions. */
  readonly ports?: readonly number[] | undefined
  /** Forwards to 127.0.0.1, while `up` or `dev` runs. */
  readonly forwards: readonly { readonly name: string; readonly local: number; readonly remote: number }[]
}

/** State of a preset after the last `up`. */
export interface PresetRecord {
  readonly name: string
  readonly version: string
  readonly state: 'ready' | 'failed' | 'unavailable'
  readonly reason: string | null
  /** How to get an unavailable preset. */
  readonly get: string | null
  /** URLs with `whileRunning` are port forwards, which end with devk. */
  readonly urls: readonly { readonly name: string; readonly url: string; readonly whileRunning: boolean }[]
}

/** A job of a project, which `devk run` runs. */
export interface JobRecord {
  readonly name: string
  /** The service whose image and environment it uses; undefined if it has none. */
  readonly service: string | undefined
  /** It runs on this machine; absent in records of older versions. */
  readonly local?: boolean | undefined
}

/** A service of a project. */
export interface ServiceRecord {
  readonly name: string
  /** `Deployment/backend`; undefined when unknown. */
  readonly workload: string | undefined
  /** API version of the workload, and the container of the service in it; absent in records of older versions. */
  readonly apiVersion?: string | undefined
  readonly container?: string | undefined
  readonly namespace: string
  readonly url: string | undefined
  /** The services, externals and jobs that it needs; absent in records of older versions. */
  readonly dependsOn?: readonly string[] | undefined
}

/** The records of all projects; damaged ones are left out. */
export async function listProjects(paths: StatePaths): Promise<ProjectRecord[]> {
  const names = await readdir(paths.projects).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const records = await Promise.all(names.map((name) => readProject(paths, name)))
  return records.filter((record) => record !== undefined)
}

/** The record of a project; undefined when it does not exist or is damaged. */
export async function readProject(paths: StatePaths, name: string): Promise<ProjectRecord | undefined> {
  const text = await readIfThere(paths.project(name).record).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return undefined
    throw error
  })
  try {
    const record = JSON.parse(text ?? '') as Partial<ProjectRecord> | null
    return record?.name && record.root && record.cluster ? (record as ProjectRecord) : undefined
  } catch {
    return undefined
  }
}

/**
 * The project whose folder contains `cwd`; the innermost of several; undefined when there is none. If one folder has
 * several projects (environments), the one of the last `up`; projects without a cluster, and those that are down, come
 * last.
 */
export async function findProject(paths: StatePaths, cwd: string): Promise<ProjectRecord | undefined> {
  const around = (await listProjects(paths)).filter(({ root }) => inside(root, cwd))
  const ranked = await Promise.all(
    around.map(async (record) => {
      // 0 for a record that a `down` has just removed.
      const written = await stat(paths.project(record.name).record).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      )
      return { record, written }
    }),
  )
  const got = ({ cluster, isDown }: ProjectRecord) => Number(cluster.uid !== undefined && isDown !== true)
  ranked.sort(
    (a, b) => b.record.root.length - a.record.root.length || got(b.record) - got(a.record) || b.written - a.written,
  )
  return ranked[0]?.record
}

/** The project that --project names. Throws USAGE, with the most similar name, when it does not exist. */
export async function namedProject(paths: StatePaths, name: string): Promise<ProjectRecord> {
  const record = await readProject(paths, name)
  if (record !== undefined) return record
  const names = (await listProjects(paths)).map((project) => project.name)
  const near = nearest(name, names)
  throw new DevkError('USAGE', `There is no project "${name}"`, {
    hint:
      near === undefined
        ? names.length === 0
          ? 'There are no projects.'
          : `Existing projects: ${names.join(', ')}.`
        : `Did you mean "${near}"?`,
  })
}

/**
 * Writes the record. Throws CONFIG_INVALID when a configuration in another folder has the same project name: both would
 * use the same cluster and delete each other's objects. Throws DISK_FULL.
 */
export async function writeProject(paths: StatePaths, record: ProjectRecord): Promise<void> {
  await claimName(paths, record.name, record.root)
  await writeAtomic(paths.project(record.name).record, `${JSON.stringify(record, null, 2)}\n`)
}

async function claimName(paths: StatePaths, name: string, root: string): Promise<void> {
  const other = await readProject(paths, name)
  if (other === undefined || other.root === root || !existsSync(other.configFile)) return
  throw new DevkError('CONFIG_INVALID', `Two folders use the project name "${name}"`, {
    details: [`${other.root}  (existing project)`, `${root}  (this one)`],
    hint: `Rename one of them, or remove the existing project first: devk down --project ${name}`,
  })
}

/** Removes all files that devk keeps for a project. Call it when everything that the project created is removed. */
export async function removeProject(paths: StatePaths, name: string): Promise<void> {
  const { folder } = paths.project(name)
  // A name must not lead out of the folder of projects.
  if (dirname(folder) === paths.projects && basename(folder) === name)
    await rm(folder, { recursive: true, force: true })
}

function inside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`)
}
