import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Runner } from '../exec/runner.ts'

/** A limit of this machine that keeps local clusters from starting, and the commands that lift it. */
export interface KernelFinding {
  readonly id: 'inotify' | 'cgroups'
  readonly title: string
  readonly detail: string
  readonly why: string
  readonly fixes: readonly (readonly string[])[]
}

const wanted = { max_user_instances: 1024, max_user_watches: 524_288 }

/** Reads the kernel's limits; [] when nothing is in the way. Only Linux has them. */
export async function kernelFindings(root = ''): Promise<KernelFinding[]> {
  return [...(await inotify(root)), ...(await cgroups(root))]
}

async function inotify(root: string): Promise<KernelFinding[]> {
  const low: string[] = []
  const fixes: string[][] = []
  for (const [name, least] of Object.entries(wanted)) {
    const text = await readFile(`${root}/proc/sys/fs/inotify/${name}`, 'utf8').catch(() => undefined)
    if (text === undefined || Number(text) >= least) continue
    low.push(`${name} is ${text.trim()}`)
    fixes.push(['sysctl', '-w', `fs.inotify.${name}=${least}`])
  }
  if (low.length === 0) return []
  const why = 'each node uses some hundred instances: with few, a second node does not start'
  return [{ id: 'inotify', title: 'inotify', detail: low.join(', '), why, fixes }]
}

async function cgroups(root: string): Promise<KernelFinding[]> {
  const base = `${root}/sys/fs/cgroup`
  if (!existsSync(base) || existsSync(`${base}/cgroup.controllers`)) return []
  const mounts = await readFile(`${root}/proc/mounts`, 'utf8').catch(() => '')
  const mounted = new Set(
    mounts
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([, , type]) => type === 'cgroup')
      .map(([, path]) => path),
  )
  const missing = ['hugetlb', 'net_cls,net_prio', 'perf_event'].filter((name) => !mounted.has(`${base}/${name}`))
  if (missing.length === 0) return []
  return [
    {
      id: 'cgroups',
      title: 'Control groups',
      detail: `v1, ${missing.join(' and ')} not mounted`,
      why: 'a node would mount them for itself, and the kubelet of a second node would not start',
      fixes: missing.flatMap((name) => [
        ['mkdir', '-p', `${base}/${name}`],
        ['mount', '-t', 'cgroup', '-o', name, 'cgroup', `${base}/${name}`],
      ]),
    },
  ]
}

/** Runs the commands of a finding; gives the first refusal, or undefined when all went well. */
export async function mend(finding: KernelFinding, runner: Runner, signal: AbortSignal): Promise<string | undefined> {
  for (const [command = '', ...args] of finding.fixes) {
    const { exitCode, stderr } = await runner.run(command, args, { signal })
    if (exitCode !== 0) return stderr.trim() || `${command} ended with exit code ${exitCode}`
  }
  return undefined
}
