import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Runner } from './runner.ts'

/** How long a program that was told to end at once may take to be gone. */
const goneMs = 5000

/**
 * Ends the programs that have all these arguments: what a devk that was killed had started and could not take with it.
 * The arguments must be such that nobody else's program has them. Gives how many there were.
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
      // A program that ended meanwhile has no file any more.
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
