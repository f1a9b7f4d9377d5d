import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

export interface PortOwner {
  readonly pid: number
  /** The program's name, as `ps` shows it. */
  readonly command: string
}

/**
 * Who listens on a TCP port of this machine. undefined when nobody does, when the program belongs to another user, or where
 * there is no Linux /proc.
 */
export async function portOwner(port: number, proc = '/proc'): Promise<PortOwner | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readText(join(proc, 'net', name))))
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)))
  if (inodes.size === 0) return undefined
  const wanted = new Set([...inodes].map((inode) => `socket:[${inode}]`))
  const processes = (await readdir(proc).catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of processes) {
    const folder = join(proc, pid, 'fd')
    const descriptors = await readdir(folder).catch(() => [])
    const links = await Promise.all(descriptors.map((name) => readlink(join(folder, name)).catch(() => '')))
    if (links.some((link) => wanted.has(link))) {
      return { pid: Number(pid), command: (await readText(join(proc, pid, 'comm'))).trim() }
    }
  }
  return undefined
}

/** The socket inodes of listeners (state 0A) on `port` in a table like /proc/net/tcp. */
function listeningInodes(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hex}`) && fields[3] === '0A')
    .flatMap((fields) => fields[9] ?? [])
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
