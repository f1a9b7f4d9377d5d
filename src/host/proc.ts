import type { CgroupFacts } from './facts.ts'

/** Bits of the capabilities that nodes need: https://man7.org/linux/man-pages/man7/capabilities.7.html */
const nodeCapabilities: Readonly<Record<string, bigint>> = {
  CAP_NET_ADMIN: 12n,
  CAP_SYS_ADMIN: 21n,
  CAP_SYS_RESOURCE: 24n,
}

/** The capabilities that nodes need and that are not effective or not in the bounding set of `/proc/self/status`. */
export function missingCapabilities(status: string): string[] {
  const mask = (field: string) => BigInt(`0x${new RegExp(`^${field}:\\s*([0-9a-f]+)`, 'm').exec(status)?.[1] ?? '0'}`)
  const held = mask('CapEff') & mask('CapBnd')
  return Object.entries(nodeCapabilities).flatMap(([name, bit]) => ((held >> bit) & 1n ? [] : [name]))
}

/** Hard limit of open files in `/proc/self/limits`; Infinity when it is unlimited or not named. */
export function openFilesLimit(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1]
  return hard === undefined || hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}

/**
 * Reads `/proc/mounts` and `/proc/cgroups`. Version 2 requires all of `/sys/fs/cgroup`: the hybrid layout works like
 * version 1.
 */
export function cgroupFacts(mounts: string, controllers: string): CgroupFacts {
  const rows = mounts.split('\n').map((line) => line.split(' '))
  if (rows.some(([, path, type]) => path === '/sys/fs/cgroup' && type === 'cgroup2'))
    return { version: 2, unmounted: [] }
  const mounted = new Set(rows.filter(([, , type]) => type === 'cgroup').flatMap((row) => (row[3] ?? '').split(',')))
  const offered = controllers
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/\s+/))
    .flatMap(([name = '', , , enabled]) => (enabled === '1' ? [name] : []))
  const unmounted = offered.filter((name) => !mounted.has(name)).map((name) => pairs[name] ?? name)
  return { version: 1, unmounted: [...new Set(unmounted)] }
}

/** Controllers that all distributions, and systemd in the nodes, mount together. */
const pairs: Readonly<Record<string, string>> = {
  net_cls: 'net_cls,net_prio',
  net_prio: 'net_cls,net_prio',
  cpu: 'cpu,cpuacct',
  cpuacct: 'cpu,cpuacct',
}

/** A field of `/proc/meminfo`, in bytes. */
export function memoryField(meminfo: string, field: string): number | undefined {
  const kib = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(meminfo)?.[1]
  return kib === undefined ? undefined : Number(kib) * 1024
}

/** The name of a group in `/etc/group`. */
export function groupName(text: string, gid: number): string | undefined {
  const row = text.split('\n').find((line) => line.split(':')[2] === String(gid))
  return row?.split(':')[0]
}

/** The variables of `/etc/os-release`. */
export function osRelease(text: string): Readonly<Record<string, string>> {
  const rows = [...text.matchAll(/^([A-Z_]+)=(?:"([^"]*)"|(.*))$/gm)]
  return Object.fromEntries(rows.map(([, name = '', quoted, bare]) => [name, quoted ?? bare ?? '']))
}
