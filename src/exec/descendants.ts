import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A process, so that another one that later gets its pid is not taken for it. */
interface Descendant {
  readonly pid: number
  readonly started: string
}

interface Running extends Descendant {
  readonly parent: number
  readonly group: number
}

/**
 * The processes that this one has started and that they have started, except those with a process group of their own:
 * these are meant to outlive devk. A process whose parent has ended is no longer found. Synchronous, because a process
 * that ends cannot wait. `killDescendants` of execa is no way: it takes the terminal from programs that ask for a
 * password, and sends no SIGKILL when devk exits at once.
 */
export function descendants(platform: NodeJS.Platform, root: number = process.pid): Descendant[] {
  const all = platform === 'linux' ? fromProc() : fromPs()
  const group = all.find(({ pid }) => pid === root)?.group
  const found: Running[] = []
  for (let parents = new Set([root]); parents.size > 0; ) {
    const children = all.filter((each) => parents.has(each.parent) && each.group === group)
    found.push(...children)
    parents = new Set(children.map(({ pid }) => pid))
  }
  return found
}

/** Sends SIGKILL to those of the processes that still run. */
export function endAll(platform: NodeJS.Platform, processes: readonly Descendant[]): void {
  if (processes.length === 0) return
  const running = new Map((platform === 'linux' ? fromProc() : fromPs()).map((each) => [each.pid, each.started]))
  for (const { pid, started } of processes) {
    if (running.get(pid) !== started) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended in the meantime, or became another user's, as sudo does.
    }
  }
}

function fromProc(): Running[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      // See proc_pid_stat(5). The second field is the name of the program, which may contain anything.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const [parent, group] = [Number(fields[1]), Number(fields[2])]
      return [{ pid: Number(name), parent, group, started: fields[19] ?? '' }]
    } catch {
      // It has ended in the meantime.
      return []
    }
  })
}

function fromPs(): Running[] {
  const lines = execFileSync('/bin/ps', ['-ax', '-o', 'pid=,ppid=,pgid=,lstart='], { encoding: 'utf8', env: {} }).split(
    '\n',
  )
  return lines.flatMap((line) => {
    const [, pid, parent, group, started] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*\S)/.exec(line) ?? []
    if (started === undefined) return []
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), started }]
  })
}
