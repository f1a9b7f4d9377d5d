import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Runner } from './runner.ts'

/** How long a program may take to end after SIGKILL. */
const goneMs = 5000

/**
 * Kills the programs that have all these arguments: programs that a killed devk started and left running. No other
 * program may have these arguments. Returns the number of programs.
 */
export async function endOrphans(
  runner: Pick<Runner, 'run'>,
  platform: NodeJS.Platform,
  args: readonly string[],
): Promise<number> {
  const find = platform === 'linux' ? fromProc : () => fromPs(runner)
  const orphans = async () => {
    const all = await find()
    return all.filter(({ pid, words }) => pid !== process.pid && args.every((arg) => words.includes(arg)))
  }
  const found = await orphans()
  for (const { pid } of found) kill(pid)
  for (const end = performance.now() + goneMs; performance.now() < end; await sleep(20)) {
    if (found.length === 0 || (await orphans()).length === 0) break
  }
  return found.length
}

interface Program {
  readonly pid: number
  readonly words: readonly string[]
}

async function fromProc(): Promise<Program[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  return Promise.all(
    pids.map(async (pid) => {
      // The file of a program that has just ended is gone.
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return { pid, words: line.split('\0') }
    }),
  )
}

async function fromPs(runner: Pick<Runner, 'run'>): Promise<Program[]> {
  const { stdout } = await runner.run('ps', ['-axww', '-o', 'pid=,command='])
  return stdout.split('\n').map((line) => {
    const [pid = '', ...words] = line.trim().split(/\s+/)
    return { pid: Number(pid), words }
  })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
