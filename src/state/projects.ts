import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, relative, sep } from 'node:path'
import { DevkError } from '../errors.ts'
import { nearest } from '../lib/text.ts'
import { readIfThere, writeAtomic } from './files.ts'
import type { StatePaths } from './paths.ts'

/** What `status`, `logs` and `down` need of a project without its configuration file, which may be broken or gone. */
export interface ProjectRecord {
  readonly name: string
  /** Folder of the configuration file. */
  readonly root: string
  readonly configFile: string
  readonly profile: string | undefined
  /** The overlay that is up; undefined for the usual one, and in records of older versions. */
  readonly overlay?: string | undefined
  readonly cluster: {
    readonly provider: string
    readonly name: string
    readonly context: string
    /** The other project whose cluster it is. */
    readonly project?: string | undefined
    /** UID of the namespace kube-system, which tells one cluster from another of the same name. */
    readonly uid: string | undefined
  }
  readonly namespace: string
  readonly services: readonly ServiceRecord[]
  readonly externals: readonly string[]
  readonly presets: readonly PresetRecord[]
  /** Forwards to 127.0.0.1, while `up` or `dev` runs. */
  readonly forwards: readonly { readonly name: string; readonly local: number; readonly remote: number }[]
}

/** A preset as the last `up` left it. */
export interface PresetRecord {
  readonly name: string
  readonly version: string
  readonly state: 'ready' | 'failed' | 'unavailable'
  readonly reason: string | null
  /** How to get what is unavailable. */
  readonly get: string | null
  /** Those that are `whileRunning` are forwards, which end with devk. */
  readonly urls: readonly { readonly name: string; readonly url: string; readonly whileRunning: boolean }[]
}

export interface ServiceRecord {
  readonly name: string
  /** `Deployment/backend`, when it is known. */
  readonly workload: string | undefined
  readonly namespace: string
  readonly url: string | undefined
}

/** The records of all projects that are readable. */
export async function listProjects(paths: StatePaths): Promise<ProjectRecord[]> {
  const names = await readdir(paths.projects).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const records = await Promise.all(names.map((name) => readProject(paths, name)))
  return records.filter((record) => record !== undefined)
}

/** The record of one project; undefined when there is none or it is damaged. */
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
 * The project whose folder holds `cwd`, the innermost one; undefined when none does. Of several in one folder, as environments are, that
 * which an `up` was last called for; one that never got a cluster comes after those that did.
 */
export async function findProject(paths: StatePaths, cwd: string): Promise<ProjectRecord | undefined> {
  const around = (await listProjects(paths)).filter(({ root }) => inside(root, cwd))
  const ranked = await Promise.all(
    around.map(async (record) => {
      // 0 for one that a down has just taken away.
      const written = await stat(paths.project(record.name).record).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      )
      return { record, written }
    }),
  )
  const got = ({ cluster }: ProjectRecord) => Number(cluster.uid !== undefined)
  ranked.sort(
    (a, b) => b.record.root.length - a.record.root.length || got(b.record) - got(a.record) || b.written - a.written,
  )
  return ranked[0]?.record
}

/** The project of --project NAME. Throws USAGE with the nearest name when there is none. */
export async function namedProject(paths: StatePaths, name: string): Promise<ProjectRecord> {
  const record = await readProject(paths, name)
  if (record !== undefined) return record
  const names = (await listProjects(paths)).map((project) => project.name)
  const near = nearest(name, names)
  throw new DevkError('USAGE', `There is no project "${name}"`, {
    hint: near === undefined ? `There are: ${names.join(', ') || 'none'}.` : `Did you mean "${near}"?`,
  })
}

/**
 * Writes the record. Throws CONFIG_INVALID when another folder, with a configuration still in it, has the same project name: the
 * two would work on one cluster and take each other's objects away.
 */
export async function writeProject(paths: StatePaths, record: ProjectRecord): Promise<void> {
  await claimName(paths, record.name, record.root)
  await writeAtomic(paths.project(record.name).record, `${JSON.stringify(record, null, 2)}\n`)
}

async function claimName(paths: StatePaths, name: string, root: string): Promise<void> {
  const other = await readProject(paths, name)
  if (other === undefined || other.root === root || !existsSync(other.configFile)) return
  throw new DevkError('CONFIG_INVALID', `Two folders use the project name "${name}"`, {
    details: [`${other.root}  (up since before)`, `${root}  (this one)`],
    hint: `Give one of them another name, or take the other away first: devk down --project ${name}`,
  })
}

/** Removes all that is kept about a project; to be called when all it made is gone. */
export async function removeProject(paths: StatePaths, name: string): Promise<void> {
  const { folder } = paths.project(name)
  // A name never leads out of the folder of projects.
  if (dirname(folder) === paths.projects && basename(folder) === name)
    await rm(folder, { recursive: true, force: true })
}

function inside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`)
}
