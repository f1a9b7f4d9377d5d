import { closeSync, openSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { diskFull, isDiskFull } from './files.ts'

/** How to take a lock. */
export interface LockOptions {
  /** File of the lock. Its folder is for locks only: devk makes it private. */
  readonly path: string
  /** The command that takes the lock, for messages of other processes: `devk up`. */
  readonly command: string
  readonly pid: number
  readonly signal: AbortSignal
  /** Milliseconds to wait for another holder; default 0. */
  readonly wait?: number
  /** Called once if somebody else holds the lock, before the wait, with the holder: `devk up (pid 7)`. */
  readonly onHeld?: (holder: string) => void
}

/** A lock that this process holds. */
export interface Lock {
  /** Safe to repeat. */
  release(): Promise<void>
}

interface Holder {
  readonly pid: number
  readonly command: string
}

/** Primary result code of SQLite: another connection has the lock. See https://www.sqlite.org/rescode.html. */
const busy = 5

/**
 * Takes the lock, or throws LOCKED with the command and pid of its holder. SQLite locks the file, because Node itself
 * has no call for it; the kernel releases the lock when the process ends for any reason. The file stays, empty: if it
 * were removed, two processes could hold two files of the same name. Throws LOCK_UNUSABLE and DISK_FULL.
 */
export async function acquireLock(options: LockOptions): Promise<Lock> {
  try {
    await ownFolder(options.path)
    createFile(options.path)
  } catch (error) {
    if (error instanceof DevkError) throw error
    throw isDiskFull(error) ? diskFull(options.path, error) : unusable(options.path, (error as Error).message, error)
  }
  const deadline = performance.now() + (options.wait ?? 0)
  let { onHeld } = options
  for (;;) {
    options.signal.throwIfAborted()
    const lock = await tryLock(options)
    if (lock !== undefined) return lock
    if (onHeld !== undefined) onHeld(nameOf(await askHolder(options)))
    onHeld = undefined
    if (performance.now() >= deadline) break
    await sleep(50, undefined, { signal: options.signal })
  }
  const holder = await askHolder(options)
  throw new DevkError('LOCKED', `${nameOf(holder)} is already running for this project`, {
    hint: holder === undefined ? 'Wait until it ends, or stop it.' : howToEnd(holder),
  })
}

/** What to do about a holder. A devk in the background does not end by itself. */
function howToEnd({ pid, command }: Holder): string {
  if (command.endsWith(' --keep')) return 'It runs in the background: devk attach shows it, devk stop ends it.'
  return `Wait until it ends, or stop it: kill ${pid}`
}

function nameOf(holder: Holder | undefined): string {
  return holder === undefined ? 'Another devk' : `${holder.command} (pid ${holder.pid})`
}

/** Makes the folder of the lock, which no other user may enter: who can open the file can hold the lock. */
async function ownFolder(path: string): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = await stat(folder)
  const user = process.getuid?.() ?? 0
  if (uid !== user && user !== 0) throw unusable(path, `${folder} belongs to another user`)
  if ((mode & 0o077) !== 0) await chmod(folder, 0o700)
}

/**
 * SQLite does not tell that a disk has no room for a new file. It is closed at once: nobody in this process can have
 * locked it meanwhile.
 */
function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

async function tryLock({ path, pid, command }: LockOptions): Promise<Lock | undefined> {
  const database = await lockedFile(path)
  if (database === undefined) return undefined
  const name = holderFile(path)
  try {
    await writeFile(name, JSON.stringify({ pid, command }), { mode: 0o600 })
  } catch (error) {
    // The name is for messages only, and `down` makes room.
    if (!isDiskFull(error)) {
      database.close()
      throw error
    }
  }
  let released: Promise<void> | undefined
  return {
    release() {
      released ??= rm(name, { force: true }).finally(() => database.close())
      return released
    },
  }
}

/**
 * Opens the file and locks it; undefined when somebody else has locked it. Nothing else in this process may open the
 * file: to close it would release the lock (fcntl_locking(2)).
 */
async function lockedFile(path: string): Promise<DatabaseSync | undefined> {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    // Nothing is written, so no journal beside the file is needed.
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database?.close()
    const { errcode, message } = error as { errcode?: number; message: string }
    if (errcode !== undefined && (errcode & 0xff) === busy) return undefined
    throw unusable(path, message, error)
  }
}

function unusable(path: string, why: string, cause?: unknown): DevkError {
  return new DevkError('LOCK_UNUSABLE', `${path} cannot be locked: ${why}`, {
    cause,
    hint: `Make ${dirname(path)} a folder of yours, on a file system that has locks.`,
  })
}

const holderFile = (path: string) => `${path}.json`

/** Reads who holds the lock. A holder writes its name just after it got the lock, and a killed one leaves its name. */
async function askHolder({ path, signal }: LockOptions): Promise<Holder | undefined> {
  for (let tries = 0; tries < 20; tries += 1) {
    const holder = parseHolder(await readFile(holderFile(path), 'utf8').catch(() => ''))
    if (holder !== undefined) return holder
    await sleep(20, undefined, { signal })
  }
  return undefined
}

/** The name goes into a command that the user may copy: only a number and a command of devk count. */
function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, command } = JSON.parse(text) as Partial<Record<keyof Holder, unknown>>
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 1) return undefined
    if (typeof command !== 'string' || !/^[\w./:@ -]{1,300}$/.test(command)) return undefined
    return { pid, command }
  } catch {
    return undefined
  }
}
