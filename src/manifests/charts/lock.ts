import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChartSource } from '../../config/chart-source.ts'
import { DevkError } from '../../errors.ts'
import { byCodeUnits } from '../../lib/order.ts'
import { isRecord } from '../../lib/record.ts'
import { yamlLine, yamlText } from '../../lib/yaml.ts'
import { isSameRemote, type RemoteSource } from '../remote/source.ts'
import { parseYaml } from '../yaml.ts'
import { isSameSource } from './source.ts'

/** The file beside the configuration that fixes the version and the content of each chart that is fetched. */
export const lockName = 'devk.lock'

/** What was fetched for a chart. */
export interface LockedChart {
  readonly source: ChartSource
  /** The version that was found for the range of the configuration. */
  readonly version: string
  /** `sha256:…` of the archive. */
  readonly digest: string
}

/** What was fetched from a Git repository or a URL. */
export interface LockedSource {
  readonly source: RemoteSource
  /** The commit of a Git repository. */
  readonly commit: string | undefined
  /** `sha256:…` of the file, or of the archive of the commit. */
  readonly digest: string
}

/** The lock of a project. */
export interface ChartLock {
  readonly charts: readonly LockedChart[]
  /** Other things that presets are made from. */
  readonly sources: readonly LockedSource[]
  /** The line of an entry in the file. */
  lineOf(entry: LockedChart | LockedSource): number
}

const header = `# devk fetch writes this file. Commit it: it fixes the version and the content of each chart.\n`

/**
 * Reads the lock in the folder of a configuration; an empty one if there is none. Throws MANIFEST_INVALID with file and
 * line.
 */
export async function readLock(root: string): Promise<ChartLock> {
  const text = await readFile(join(root, lockName), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new DevkError('MANIFEST_INVALID', `${lockName} cannot be read: ${error.message}`, {
      hint: `It must be a file that you may read. Without it, devk fetch writes a new one.`,
      cause: error,
    })
  })
  const [first] = parseYaml(text, lockName)
  if (first !== undefined && !isRecord(first.value)) throw invalid(1, 'must have a list `charts`')
  const entries = <T>(key: string, read: (entry: unknown) => T | string): T[] => {
    const list = (isRecord(first?.value) ? first.value[key] : undefined) ?? []
    if (!Array.isArray(list)) throw invalid(yamlLine(text, [key]), `must have a list \`${key}\``)
    return list.map((entry, i) => {
      const found = read(entry)
      if (typeof found === 'string') throw invalid(yamlLine(text, [key, i]), found)
      return found
    })
  }
  const charts = entries('charts', lockedChart)
  const sources = entries('sources', lockedSource)
  const lineOf = (entry: LockedChart | LockedSource) =>
    yamlLine(
      text,
      'commit' in entry ? ['sources', sources.indexOf(entry)] : ['charts', charts.indexOf(entry as LockedChart)],
    )
  return { charts, sources, lineOf }
}

/** The entry for a chart. Pure. */
export function lockedOf({ charts }: ChartLock, source: ChartSource): LockedChart | undefined {
  return charts.find((entry) => isSameSource(entry.source, source))
}

/** Entries of a lock. */
type LockEntries = Partial<Pick<ChartLock, 'charts' | 'sources'>>

/** Writes the lock with these entries in place of earlier ones. Throws HOST_UNFIT and DISK_FULL. */
export async function writeLock(root: string, lock: ChartLock, { charts = [], sources = [] }: LockEntries) {
  const keptCharts = lock.charts.filter(({ source }) => !charts.some((entry) => isSameSource(entry.source, source)))
  const keptSources = lock.sources.filter(({ source }) => !sources.some((entry) => isSameRemote(entry.source, source)))
  try {
    await writeFile(join(root, lockName), lockText([...keptCharts, ...charts], [...keptSources, ...sources]))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new DevkError(code === 'ENOSPC' || code === 'EDQUOT' ? 'DISK_FULL' : 'HOST_UNFIT', message, {
      hint: `Make ${lockName} in ${root} writable: devk notes there which charts it fetched.`,
      cause: error,
    })
  }
}

function lockText(charts: readonly LockedChart[], sources: readonly LockedSource[]): string {
  const chartEntries = charts.map(({ source: { repo, chart, version: constraint }, version, digest }) => ({
    ...(repo === undefined ? {} : { repo }),
    chart,
    ...(constraint === undefined ? {} : { constraint }),
    version,
    digest,
  }))
  const sourceEntries = sources.map(({ source: { from, address, ref }, commit, digest }) => ({
    [from]: address,
    ...(ref === undefined ? {} : { ref }),
    ...(commit === undefined ? {} : { commit }),
    digest,
  }))
  const sorted = <T>(list: readonly T[]) => list.toSorted((a, b) => byCodeUnits(JSON.stringify(a), JSON.stringify(b)))
  const others = sourceEntries.length === 0 ? {} : { sources: sorted(sourceEntries) }
  return header + yamlText({ charts: sorted(chartEntries), ...others })
}

const digestForm = /^sha256:[0-9a-f]{64}$/

/** The entry, or what is wrong with it. */
function lockedSource(entry: unknown): LockedSource | string {
  if (!isRecord(entry)) return 'must be a mapping'
  const { git, url, ref, commit, digest } = entry
  for (const [key, value] of Object.entries({ git, url, ref, commit })) {
    if (value !== undefined && typeof value !== 'string') return `${key} must be a string`
  }
  const from = git === undefined ? 'url' : 'git'
  const address = git ?? url
  if (address === undefined || (git !== undefined && url !== undefined)) return 'must have either git or url'
  if (from === 'git' && !/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(String(commit))) return 'commit must be 40 or 64 digits'
  if (typeof digest !== 'string' || !digestForm.test(digest)) return 'digest must look like sha256:4f5e…'
  const source = { from, address: String(address), ref: ref as string | undefined } as const
  return { source, commit: commit as string | undefined, digest }
}

/** The entry, or what is wrong with it. */
function lockedChart(entry: unknown): LockedChart | string {
  if (!isRecord(entry)) return 'must be a mapping'
  const { repo, chart, constraint, version, digest } = entry
  for (const [key, value] of Object.entries({ repo, constraint })) {
    if (value !== undefined && typeof value !== 'string') return `${key} must be a string`
  }
  if (typeof chart !== 'string' || typeof version !== 'string') return 'chart and version must be strings'
  if (typeof digest !== 'string' || !digestForm.test(digest)) return 'digest must look like sha256:4f5e…'
  return { source: { repo: repo as string, chart, version: constraint as string }, version, digest }
}

function invalid(line: number, message: string): DevkError {
  return new DevkError('MANIFEST_INVALID', `${lockName}:${line}: ${message}`, {
    hint: 'Restore the file from version control, or remove the entry: devk fetch writes it again.',
  })
}
