import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DevkError } from '../errors.ts'

/**
 * Replaces a file atomically: a reader sees the old text or the new one. Only its owner may read the file (0600) and
 * the folders that are created for it (0700). Throws DISK_FULL.
 */
export async function writeAtomic(file: string, text: string): Promise<void> {
  try {
    await replace(file, text)
  } catch (error) {
    throw isDiskFull(error) ? diskFull(file, error) : error
  }
}

/** Whether a system call failed because the disk, or the share of the user, is full. Pure. */
export function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** The error for a file that a full disk has no room for. Pure. */
export function diskFull(file: string, cause: unknown): DevkError {
  return new DevkError('DISK_FULL', `${file} cannot be written: the disk is full`, {
    cause,
    hint: `Free disk space (see df -h ${dirname(file)}), then run the command again. It continues from here.`,
  })
}

async function replace(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${process.pid}-${crypto.randomUUID()}.tmp`
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(file))
  await removeAbandoned(file)
}

/** Removes what processes have left that were killed while they replaced the file. */
async function removeAbandoned(file: string): Promise<void> {
  const prefix = `${basename(file)}.`
  for (const name of await readdir(dirname(file))) {
    const pid = name.startsWith(prefix) ? /^(\d+)-[0-9a-f-]{36}\.tmp$/.exec(name.slice(prefix.length))?.[1] : undefined
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(dirname(file), name), { force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** The text of a file; undefined when the file does not exist. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Without this, a crash of the machine may undo the rename. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
