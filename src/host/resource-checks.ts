import { bytes, count } from '../lib/text.ts'
import type { HostFacts } from './facts.ts'
import type { Finding } from './finding.ts'

const gib = 1024 ** 3

/** Room where images live. */
export function diskCheck({ disk }: HostFacts): Finding[] {
  if (disk === undefined) return []
  const base = {
    id: 'disk',
    title: 'Disk',
    detail: `${bytes(disk.freeBytes)} free where images live (${disk.folder})`,
  } as const
  if (disk.freeBytes > 15 * gib) return [{ ...base, level: 'ok' }]
  const explain = 'docker system df shows what takes the room, docker system prune frees what nothing uses'
  return [
    {
      ...base,
      level: disk.freeBytes < 3 * gib ? 'fail' : 'warn',
      why: 'nodes evict pods when the disk is nearly full, and builds fail',
      fix: { commands: [], by: 'hand', explain },
    },
  ]
}

export function memoryCheck({ memory }: HostFacts): Finding {
  const detail = `${bytes(memory.totalBytes)}, ${bytes(memory.availableBytes)} available`
  const base = { id: 'memory', title: 'Memory', detail } as const
  if (memory.totalBytes >= 4 * gib && memory.availableBytes >= 1.5 * gib) return { ...base, level: 'ok' }
  return {
    ...base,
    level: 'warn',
    why: 'a node alone takes about 0.7 GiB, and a build of Kubernetes for the kit 3 GiB',
    fix: {
      commands: [],
      by: 'hand',
      explain: 'close other programs, or give the engine more memory (Docker Desktop: Resources)',
    },
  }
}

/** Ports that the project maps and something else holds. */
export function portsCheck({ ports }: HostFacts): Finding[] {
  if (ports.length === 0) return []
  return [
    {
      id: 'ports',
      title: 'Ports',
      level: 'fail',
      detail: ports.map(({ port, owner }) => `${port} is taken by ${owner}`).join(', '),
      why: `the cluster maps ${ports.length === 1 ? 'it' : 'them'} to this machine (cluster.ports)`,
      fix: { commands: [], by: 'hand', explain: 'stop that program, or choose another port in the configuration' },
    },
  ]
}

/** devk uses its own kubectl; the one on PATH matters to the user's scripts only. */
export function kubectlCheck({ kubectl }: HostFacts): Finding {
  const base = { id: 'kubectl', title: 'kubectl' } as const
  if (kubectl.state === 'real') return { ...base, level: 'ok', detail: `${kubectl.version} on PATH` }
  if (kubectl.state === 'absent') return { ...base, level: 'ok', detail: 'none on PATH; devk brings its own' }
  return {
    ...base,
    level: 'warn',
    detail: `the one on PATH is a wrapper (${kubectl.detail})`,
    why: 'such programs may wait for a server on localhost:8080, or start another version; devk uses its own',
    fix: { commands: [], by: 'hand', explain: 'docker exec <node> kubectl works, and so does devk exec' },
  }
}

export function registryCheck({ registry, proxy }: HostFacts): Finding {
  const base = { id: 'registry', title: 'Registry' } as const
  if (registry === 'reached') return { ...base, level: 'ok', detail: 'docker.io answers' }
  if (registry === 'unknown') {
    return {
      ...base,
      level: 'ok',
      detail: `not asked: the engine has its own way out (${count(proxy.variables.length, 'proxy variable')})`,
    }
  }
  return {
    ...base,
    level: 'warn',
    detail: 'docker.io cannot be reached',
    why: 'what cannot be pulled has to be built by the kit (about 20 minutes on two cores, once)',
    fix: { commands: [], by: 'hand', explain: 'devk kit build does it ahead of time' },
  }
}

export function proxyCheck({ proxy }: HostFacts): Finding[] {
  const base = { id: 'proxy', title: 'Proxy' } as const
  if (proxy.variables.length > 0 && !proxy.loopbackExempt) {
    return [
      {
        ...base,
        level: 'warn',
        detail: `${proxy.variables.join(', ')}; NO_PROXY does not name localhost`,
        why: 'programs then ask the proxy for the cluster, which listens on this machine',
        fix: { commands: [], by: 'hand', explain: 'export NO_PROXY=localhost,127.0.0.1,.svc,.cluster.local' },
      },
    ]
  }
  const known = [
    ...proxy.variables,
    ...(proxy.certificates === undefined ? [] : [`certificates from ${proxy.certificates}`]),
  ]
  return known.length === 0 ? [] : [{ ...base, level: 'ok', detail: known.join(', ') }]
}
