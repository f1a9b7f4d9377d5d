import { readdir, readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { eventually } from '../../e2e/support/eventually.ts'

/** A running process. */
export interface Process {
  readonly pid: number
  readonly command: string
}

/** How long a process that has got SIGKILL may take to end, in seconds. */
const dyingSeconds = 1

/**
 * The processes that were started with this variable in their environment: a devk and all that it started, wherever
 * they are in the tree of processes by now.
 */
async function processesOf(variable: string): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      // The files of a process that has just ended are gone.
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      if (!environment.split('\0').includes(variable)) return []
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').join(' ').trim()
      return [{ pid: Number(pid), command }]
    }),
  )
  return found.flat()
}

/** The command lines of all processes that are like this. */
export async function processesWith(command: RegExp): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.map((line) => line.split('\0').join(' ').trim()).filter((line) => command.test(line))
}

/** Fails when a process with this variable is left. */
export async function expectNoProcess(variable: string): Promise<void> {
  let left: Process[] = []
  const ended = eventually('the end of all processes', dyingSeconds, async () => {
    left = await processesOf(variable)
    return left.length === 0 || undefined
  })
  await ended.catch(() => {})
  expect(left, 'processes that devk has left').toEqual([])
}

/** Ends all processes with this variable, so that a failed run does not disturb the next one. */
export async function endProcesses(variable: string): Promise<void> {
  for (const { pid } of await processesOf(variable)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}
