import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChartSource } from '../../config/chart-source.ts'
import { DevkError } from '../../errors.ts'
import { byCodeUnits } from '../../lib/order.ts'
import { isRecord } from '../../lib/record.ts'
import { yamlLine, yamlText } from '../../lib/yaml.ts'
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

/** The lock of a project. */
export interface ChartLock {
  readonly charts: readonly LockedChart[]
  /** The line of a chart in the file. */
  lineOf(chart: LockedChart): number
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
  const list = first === undefined ? [] : isRecord(first.value) ? (first.value.charts ?? []) : undefined
  if (!Array.isArray(list)) throw invalid(1, 'must have a list `charts`')
  const charts = list.map((entry, i): LockedChart => {
    const read = lockedChart(entry)
    if (typeof read === 'string') throw invalid(yamlLine(text, ['charts', i]), read)
    return read
  })
  return { charts, lineOf: (chart) => yamlLine(text, ['charts', charts.indexOf(chart)]) }
}

/** The entry for a chart. Pure. */
export function lockedOf({ charts }: ChartLock, source: ChartSource): LockedChart | undefined {
  return charts.find((entry) => isSameSource(entry.source, source))
}

/** Writes the lock with these entries in place of earlier ones. Throws HOST_UNFIT and DISK_FULL. */
export async function writeLock(root: string, { charts }: ChartLock, changed: readonly LockedChart[]): Promise<void> {
  const kept = charts.filter(({ source }) => !changed.some((entry) => isSameSource(entry.source, source)))
  try {
    await writeFile(join(root, lockName), lockText([...kept, ...changed]))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new DevkError(code === 'ENOSPC' || code === 'EDQUOT' ? 'DISK_FULL' : 'HOST_UNFIT', message, {
      hint: `Make ${lockName} in ${root} writable: devk notes there which charts it fetched.`,
      cause: error,
    })
  }
}

function lockText(charts: readonly LockedChart[]): string {
  const entries = charts.map(({ source: { repo, chart, version: constraint }, version, digest }) => ({
    ...(repo === undefined ? {} : { repo }),
    chart,
    ...(constraint === undefined ? {} : { constraint }),
    version,
    digest,
  }))
  const sorted = entries.toSorted((a, b) => byCodeUnits(JSON.stringify(a), JSON.stringify(b)))
  return header + yamlText({ charts: sorted })
}

/** The entry, or what is wrong with it. */
function lockedChart(entry: unknown): LockedChart | string {
  if (!isRecord(entry)) return 'must be a mapping'
  const { repo, chart, constraint, version, digest } = entry
  for (const [key, value] of Object.entries({ repo, constraint })) {
    if (value !== undefined && typeof value !== 'string') return `${key} must be a string`
  }
  if (typeof chart !== 'string' || typeof version !== 'string') return 'chart and version must be strings'
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest)) return 'digest must look like sha256:4f5e…'
  return { source: { repo: repo as string, chart, version: constraint as string }, version, digest }
}

function invalid(line: number, message: string): DevkError {
  return new DevkError('MANIFEST_INVALID', `${lockName}:${line}: ${message}`, {
    hint: 'Restore the file from version control, or remove the entry: devk fetch writes it again.',
  })
}
