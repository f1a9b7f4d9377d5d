import { count } from '../lib/text.ts'
import { engineCheck } from './engine-check.ts'
import type { HostFacts, KernelFacts } from './facts.ts'
import type { Finding, Fix } from './finding.ts'
import { helmCheck } from './helm-check.ts'
import { diskCheck, kubectlCheck, memoryCheck, portsCheck, proxyCheck, registryCheck } from './resource-checks.ts'

const inotifyWanted = { instances: 1024, watches: 524_288 }

/** Turns the facts of a machine into findings, in the order in which to fix them. Pure. */
export function findings(facts: HostFacts): Finding[] {
  return [
    engineCheck(facts),
    ...(facts.kernel === undefined ? [] : kernelFindings(facts.kernel)),
    ...diskCheck(facts),
    memoryCheck(facts),
    ...portsCheck(facts),
    kubectlCheck(facts),
    ...helmCheck(facts.helm),
    registryCheck(facts),
    ...proxyCheck(facts),
  ]
}

/** Findings about the kernel, which `up` fixes before the first node starts. Pure. */
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
  if (missing.length === 0)
    return { ...base, level: 'ok', detail: 'v1: Kubernetes 1.34 is the newest version that runs here' }
  const mounts = missing.flatMap((name) => [
    ['mkdir', '-p', `/sys/fs/cgroup/${name}`],
    ['mount', '-t', 'cgroup', '-o', name, 'cgroup', `/sys/fs/cgroup/${name}`],
  ])
  return {
    ...base,
    level: 'fail',
    detail: `v1, ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not mounted`,
    why: 'the first node would mount them itself, and then the kubelet of a second node does not start',
    fix: commands(mounts, 'mounts them until the next reboot'),
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
    why: 'five nodes need about 512 instances, and a large source tree needs one watch per folder',
    fix: commands(
      low.map(({ key, wanted }) => ['sysctl', '-w', `fs.inotify.${key}=${wanted}`]),
      'raises them until the next reboot; to keep them, add a file to /etc/sysctl.d',
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
    why: 'each node inherits the limit of the engine, and its API server and containers need about 10,000 files',
    fix: {
      commands: [],
      by: 'hand',
      explain: 'raise nofile in /etc/security/limits.conf, or LimitNOFILE of docker.service',
    },
  }
}

function capabilitiesCheck({ missingCapabilities: missing }: KernelFacts): Finding[] {
  if (missing.length === 0) return []
  const base = { id: 'capabilities', title: 'Capabilities', detail: `root lacks ${missing.join(', ')}` } as const
  if (missing.join() === 'CAP_SYS_RESOURCE') {
    const why =
      "engines older than 23 cannot start nodes; published node images may fail to set OOM scores (use the kit's)"
    return [{ ...base, level: 'warn', why }]
  }
  const explain = 'run devk outside this container, or start the container with --privileged'
  return [
    { ...base, level: 'fail', why: 'nodes cannot start without them', fix: { commands: [], by: 'hand', explain } },
  ]
}
