import { readdir, readFile, readlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Runner } from '../exec/runner.ts'

/** The process that listens on a port. */
export interface PortOwner {
  readonly pid: number
  /** File name of its program: `nginx`, `node`. */
  readonly program: string
}

/**
 * Finds the process that listens on a TCP port of this machine. undefined when there is none, or when devk may not see
 * it.
 */
export type FindPortOwner = (port: number) => Promise<PortOwner | undefined>

/**
 * Finds owners of ports in Linux's /proc, or with lsof and ps on macOS. Without root, only the user's own processes are
 * visible. `proc` is the folder where /proc is mounted.
 */
export function portOwners(runner: Pick<Runner, 'run'>, platform: NodeJS.Platform, proc = '/proc'): FindPortOwner {
  return platform === 'linux' ? (port) => fromProc(port, proc) : (port) => fromLsof(port, runner)
}

/** `nginx (pid 4121)` */
export function ownerText({ program, pid }: PortOwner): string {
  return `${program} (pid ${pid})`
}

async function fromProc(port: number, proc: string): Promise<PortOwner | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readText(join(proc, 'net', name))))
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)))
  if (inodes.size === 0) return undefined
  const wanted = new Set([...inodes].map((inode) => `socket:[${inode}]`))
  const processes = (await readdir(proc).catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of processes) {
    const folder = join(proc, pid, 'fd')
    const descriptors = await readdir(folder).catch(() => [])
    const links = await Promise.all(descriptors.map((name) => readlink(join(folder, name)).catch(() => '')))
    if (links.some((link) => wanted.has(link))) return { pid: Number(pid), program: await programOf(join(proc, pid)) }
  }
  return undefined
}

/**
 * By its executable: `comm` is the name of the main thread, which a program may change; Node 24 sets it to
 * "MainThread".
 */
async function programOf(folder: string): Promise<string> {
  const executable = await readlink(join(folder, 'exe')).catch(() => '')
  if (executable !== '') return basename(executable.replace(/ \(deleted\)$/, ''))
  return (await readText(join(folder, 'comm'))).trim()
}

/**
 * The socket inodes of listeners (state 0A) on `port` in a table like /proc/net/tcp; see proc_net_tcp in the kernel's
 * documentation.
 */
function listeningInodes(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hex}`) && fields[3] === '0A')
    .flatMap((fields) => fields[9] ?? [])
}

/** lsof names the thread as well, so ps is asked for the program; on macOS its `comm` is the path of the executable. */
async function fromLsof(port: number, runner: Pick<Runner, 'run'>): Promise<PortOwner | undefined> {
  const found = await runner.run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp'])
  const pid = /^p(\d+)$/m.exec(found.stdout)?.[1]
  if (pid === undefined) return undefined
  const { stdout } = await runner.run('ps', ['-p', pid, '-o', 'comm='])
  return { pid: Number(pid), program: basename(stdout.trim()) }
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
