import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A process, so that another one that later gets its pid is not taken for it. */
export interface Descendant {
  readonly pid: number
  readonly started: string
}

/** The process of a pid; undefined if none runs. */
export function processOf(platform: NodeJS.Platform, pid: number): Descendant | undefined {
  const found = listed(platform).find((each) => each.pid === pid && !each.ended)
  return found && { pid, started: found.started }
}

interface Running extends Descendant {
  readonly parent: number
  readonly group: number
  /** It has ended, and nobody has waited for it yet. */
  readonly ended: boolean
}

/**
 * The processes that this one has started and that they have started, except those with a process group of their own:
 * these are meant to outlive devk. A process whose parent has ended is no longer found. Synchronous, because a process
 * that ends cannot wait. `killDescendants` of execa is no way: it takes the terminal from programs that ask for a
 * password, and sends no SIGKILL when devk exits at once.
 */
export function descendants(platform: NodeJS.Platform, root: number = process.pid): Descendant[] {
  const all = listed(platform)
  const group = all.find(({ pid }) => pid === root)?.group
  const found: Running[] = []
  for (let parents = new Set([root]); parents.size > 0; ) {
    const children = all.filter((each) => parents.has(each.parent) && each.group === group)
    found.push(...children)
    parents = new Set(children.map(({ pid }) => pid))
  }
  return found
}

/**
 * The running processes of a process group, and those that they have started, whatever group these are in. Those of the
 * group are found also when the process that has started them has ended.
 */
export function groupMembers(platform: NodeJS.Platform, group: number): Descendant[] {
  const all = listed(platform).filter(({ ended }) => !ended)
  const found = new Set(all.filter((each) => each.group === group))
  for (const { pid } of found) for (const each of all) if (each.parent === pid) found.add(each)
  return [...found]
}

/** Sends SIGKILL, or another signal, to those of the processes that still run. Returns them. */
export function endAll(
  platform: NodeJS.Platform,
  processes: readonly Descendant[],
  signal: NodeJS.Signals | 0 = 'SIGKILL',
): Descendant[] {
  if (processes.length === 0) return []
  const all = listed(platform).filter(({ ended }) => !ended)
  const running = new Map(all.map((each) => [each.pid, each.started]))
  const left = processes.filter(({ pid, started }) => running.get(pid) === started)
  for (const { pid } of left) send(pid, signal)
  return left
}

/** Sends a signal to a process that may have ended meanwhile. */
export function send(pid: number, signal: NodeJS.Signals | 0): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended in the meantime, or became another user's, as sudo does.
  }
}

/** What several looks have found together. */
export interface Gathered {
  /** Looks again. Returns whether there are processes that no look has found before. */
  find(): boolean
  /** All that were found, each once. */
  all(): Descendant[]
}

/** Looks for processes that may start others meanwhile. */
export function gathered(look: () => readonly Descendant[]): Gathered {
  const found = new Map<string, Descendant>()
  return {
    find() {
      const before = found.size
      for (const each of look()) found.set(`${each.pid} ${each.started}`, each)
      return found.size > before
    },
    all: () => [...found.values()],
  }
}

function listed(platform: NodeJS.Platform): Running[] {
  return platform === 'linux' ? fromProc() : fromPs()
}

function fromProc(): Running[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      // See proc_pid_stat(5). The second field is the name of the program, which may contain anything.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const [parent, group] = [Number(fields[1]), Number(fields[2])]
      return [{ pid: Number(name), parent, group, started: fields[19] ?? '', ended: /^[ZX]/.test(fields[0] ?? '') }]
    } catch {
      // It has ended in the meantime.
      return []
    }
  })
}

function fromPs(): Running[] {
  const lines = execFileSync('/bin/ps', ['-ax', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
    encoding: 'utf8',
    env: {},
  }).split('\n')
  return lines.flatMap((line) => {
    const [, pid, parent, group, state, started] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*\S)/.exec(line) ?? []
    if (started === undefined) return []
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), started, ended: /^Z/.test(state ?? '') }]
  })
}
