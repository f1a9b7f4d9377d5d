import { rmSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { type Descendant, endAll, processOf } from '../exec/descendants.ts'
import { backgroundMark } from '../exec/environment.ts'
import { endMarked } from '../exec/orphans.ts'
import type { Runner } from '../exec/runner.ts'
import { readIfThere, writeAtomic } from '../state/files.ts'
import type { ProjectPaths } from '../state/paths.ts'
import { sessionSocket } from './socket.ts'

/** What a devk in the background notes of itself, so that the next one sees whether it was killed. */
interface BackgroundRecord extends Descendant {
  /** Is in the environment of all programs that it starts. */
  readonly id: string
}

type Paths = Pick<ProjectPaths, 'folder' | 'background' | 'outputs'>

/**
 * Notes that this process is the devk in the background of a project. Returns a function that removes the note, the log
 * and the socket, at once: a process that ends cannot wait. Throws DISK_FULL.
 */
export async function noteBackground(paths: Paths, id: string): Promise<() => void> {
  const { folder, background } = paths
  const own = processOf(process.platform, process.pid)
  const record: BackgroundRecord = { id, pid: process.pid, started: own?.started ?? '' }
  await writeAtomic(background.record, `${JSON.stringify(record)}\n`)
  return () => {
    for (const file of [background.record, background.log, sessionSocket(folder)]) rmSync(file, { force: true })
  }
}

/** Whether the process of a pid still runs. One that has ended, and that its parent has not asked for, does not. */
export function isRunning(pid: number): boolean {
  return processOf(process.platform, pid) !== undefined
}

/**
 * Removes what a devk in the background has left that did not end in order: its programs, socket and files. Returns
 * what happened, for the user; undefined if there is none, or it runs.
 */
export async function clearBackground(paths: Paths, runner: Pick<Runner, 'run'>): Promise<string | undefined> {
  const { folder, background, outputs } = paths
  const read = () => readIfThere(background.record).catch(() => undefined)
  const text = await read()
  if (text === undefined) return undefined
  const record = parse(text)
  if (record !== undefined && endAll(process.platform, [record], 0).length > 0) return undefined
  const programs = record === undefined ? 0 : await endMarked(runner, process.platform, markOf(record.id))
  const failure = await failureIn(background.log)
  // Another devk may have begun meanwhile.
  if ((await read()) !== text) return undefined
  for (const file of [sessionSocket(folder), outputs, background.log, background.record]) {
    await rm(file, { recursive: true, force: true })
  }
  const who = record === undefined ? '' : ` (pid ${record.pid})`
  const rest = programs === 0 ? '' : ` Programs that it had started were ended: ${programs}.`
  const how = failure === undefined ? 'was killed' : `has failed: ${failure}`
  return `The devk in the background${who} ${how}. What it left is removed.${rest}`
}

/** The variable that marks the programs of a devk in the background. */
function markOf(id: string): string {
  return `${backgroundMark}=${id}`
}

function parse(text: string): BackgroundRecord | undefined {
  try {
    const { id, pid, started } = JSON.parse(text) as Partial<Record<keyof BackgroundRecord, unknown>>
    if (typeof id !== 'string' || !/^[0-9a-f-]{36}$/.test(id)) return undefined
    if (!Number.isSafeInteger(pid) || typeof started !== 'string') return undefined
    return { id, pid: pid as number, started }
  } catch {
    return undefined
  }
}

/** The first line of the error that a log ends with; undefined if there is none. */
async function failureIn(log: string): Promise<string | undefined> {
  const lines = (await readFile(log, 'utf8').catch(() => '')).split('\n')
  return lines
    .findLast((line) => line.startsWith('✖'))
    ?.slice(1)
    .trim()
}
