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
  const find = platform === 'linux' ? () => fromProc('cmdline') : () => fromPs(runner, [])
  return endWith(args, find)
}

/**
 * Kills the programs that have this variable in their environment, which is in that of no other program. Returns their
 * number. This process is none of them.
 */
export async function endMarked(
  runner: Pick<Runner, 'run'>,
  platform: NodeJS.Platform,
  variable: string,
): Promise<number> {
  return endWith([variable], platform === 'linux' ? () => fromProc('environ') : () => fromPs(runner, ['-E']))
}

/** Kills the programs of which all these words are known, and waits until they have ended. */
async function endWith(all: readonly string[], find: () => Promise<readonly Program[]>): Promise<number> {
  const orphans = async () =>
    (await find()).filter(({ pid, words }) => pid !== process.pid && all.every((word) => words.includes(word)))
  const found = await orphans()
  for (const { pid } of found) kill(pid)
  for (const end = performance.now() + goneMs; performance.now() < end; await sleep(20)) {
    if (found.length === 0 || (await orphans()).length === 0) break
  }
  return found.length
}

interface Program {
  readonly pid: number
  /** Its arguments, or also its variables. */
  readonly words: readonly string[]
}

async function fromProc(file: 'cmdline' | 'environ'): Promise<Program[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  return Promise.all(
    pids.map(async (pid) => {
      // The file of a program that has just ended is gone, and the environment of others' programs is theirs.
      const line = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
      return { pid, words: line.split('\0') }
    }),
  )
}

async function fromPs(runner: Pick<Runner, 'run'>, flags: readonly string[]): Promise<Program[]> {
  const { stdout } = await runner.run('ps', ['-axww', ...flags, '-o', 'pid=,command='])
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
