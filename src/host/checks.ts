import { count } from '../lib/text.ts'
import { engineCheck } from './engine-check.ts'
import type { HostFacts, KernelFacts } from './facts.ts'
import type { Finding, Fix } from './finding.ts'
import { diskCheck, kubectlCheck, memoryCheck, portsCheck, proxyCheck, registryCheck } from './resource-checks.ts'

const inotifyWanted = { instances: 1024, watches: 524_288 }

/** Judges a machine, in the order in which a reader mends it. Pure. */
export function findings(facts: HostFacts): Finding[] {
  return [
    engineCheck(facts),
    ...(facts.kernel === undefined ? [] : kernelFindings(facts.kernel)),
    ...diskCheck(facts),
    memoryCheck(facts),
    ...portsCheck(facts),
    kubectlCheck(facts),
    registryCheck(facts),
    ...proxyCheck(facts),
  ]
}

/** The kernel's part of it, which `up` mends before the first node starts. */
export function kernelFindings(kernel: KernelFacts): Finding[] {
  return [cgroupsCheck(kernel), inotifyCheck(kernel), openFilesCheck(kernel), ...capabilitiesCheck(kernel)]
}

const commands = (list: readonly (readonly string[])[], explain: string): Fix => ({
  commands: list,
  by: 'commands',
  explain,
})

function cgroupsCheck({ cgroup }: KernelFacts): Finding {
  const base = { id: 'cgroups', title: 'Control groups' } as const
  if (cgroup.version === 2) return { ...base, level: 'ok', detail: 'v2' }
  const missing = cgroup.unmounted
  if (missing.length === 0) return { ...base, level: 'ok', detail: 'v1: Kubernetes 1.34 is the newest that runs here' }
  const mounts = missing.flatMap((name) => [
    ['mkdir', '-p', `/sys/fs/cgroup/${name}`],
    ['mount', '-t', 'cgroup', '-o', name, 'cgroup', `/sys/fs/cgroup/${name}`],
  ])
  return {
    ...base,
    level: 'fail',
    detail: `v1, ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not mounted`,
    why: 'a node would mount them for itself, and the kubelet of a second node would not start',
    fix: commands(mounts, 'mounts them until the next start of the machine'),
  }
}

function inotifyCheck({ inotifyInstances, inotifyWatches }: KernelFacts): Finding {
  const base = { id: 'inotify', title: 'inotify' } as const
  const low = [
    ...(inotifyInstances < inotifyWanted.instances
      ? [{ key: 'max_user_instances', is: count(inotifyInstances, 'instance'), wanted: inotifyWanted.instances }]
      : []),
    ...(inotifyWatches < inotifyWanted.watches
      ? [{ key: 'max_user_watches', is: count(inotifyWatches, 'watch', 'watches'), wanted: inotifyWanted.watches }]
      : []),
  ]
  if (low.length === 0)
    return { ...base, level: 'ok', detail: `${inotifyInstances} instances, ${inotifyWatches} watches` }
  return {
    ...base,
    level: 'warn',
    detail: low.map(({ is }) => is).join(', '),
    why: 'five nodes need about 512 instances, and a large source tree a watch for each folder',
    fix: commands(
      low.map(({ key, wanted }) => ['sysctl', '-w', `fs.inotify.${key}=${wanted}`]),
      'raises them until the next start of the machine; a file in /etc/sysctl.d keeps them',
    ),
  }
}

function openFilesCheck({ openFiles }: KernelFacts): Finding {
  const base = { id: 'open-files', title: 'Open files' } as const
  const detail = Number.isFinite(openFiles) ? `${openFiles} at most` : 'no limit'
  if (openFiles >= 16_384) return { ...base, level: 'ok', detail }
  return {
    ...base,
    level: openFiles < 4096 ? 'fail' : 'warn',
    detail,
    why: 'the engine hands its limit on to every node, whose API server and containers need some ten thousand',
    fix: {
      commands: [],
      by: 'hand',
      explain: 'raise nofile in /etc/security/limits.conf, or LimitNOFILE of docker.service',
    },
  }
}

function capabilitiesCheck({ missingCapabilities: missing }: KernelFacts): Finding[] {
  if (missing.length === 0) return []
  const base = { id: 'capabilities', title: 'Capabilities', detail: `root has no ${missing.join(', ')}` } as const
  if (missing.join() === 'CAP_SYS_RESOURCE') {
    const why =
      'engines before 23 cannot start a node, and published node images may fail to set OOM scores; the kit builds one that does not'
    return [{ ...base, level: 'warn', why }]
  }
  const explain = 'run devk outside this container, or start the container with --privileged'
  return [{ ...base, level: 'fail', why: 'nodes cannot start without', fix: { commands: [], by: 'hand', explain } }]
}
