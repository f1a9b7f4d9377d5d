import { bytes, count } from '../lib/text.ts'
import type { HostFacts } from './facts.ts'
import type { Finding } from './finding.ts'

const gib = 1024 ** 3

/** Checks the free space of the disk that holds the images; no finding when that disk is on another machine. Pure. */
export function diskCheck({ disk }: HostFacts): Finding[] {
  if (disk === undefined) return []
  const base = {
    id: 'disk',
    title: 'Disk',
    detail: `${bytes(disk.freeBytes)} free for images (${disk.folder})`,
  } as const
  if (disk.freeBytes > 15 * gib) return [{ ...base, level: 'ok' }]
  const explain = 'docker system df shows what uses the space; docker system prune removes unused data'
  return [
    {
      ...base,
      level: disk.freeBytes < 3 * gib ? 'fail' : 'warn',
      why: 'when the disk is nearly full, nodes evict pods and builds fail',
      fix: { commands: [], by: 'hand', explain },
    },
  ]
}

/** Checks whether there is enough memory for a node. Pure. */
export function memoryCheck({ memory }: HostFacts): Finding {
  const detail = `${bytes(memory.totalBytes)}, ${bytes(memory.availableBytes)} available`
  const base = { id: 'memory', title: 'Memory', detail } as const
  if (memory.totalBytes >= 4 * gib && memory.availableBytes >= 1.5 * gib) return { ...base, level: 'ok' }
  return {
    ...base,
    level: 'warn',
    why: 'one node needs about 0.7 GiB; building Kubernetes with the kit needs 3 GiB',
    fix: {
      commands: [],
      by: 'hand',
      explain: 'close other programs, or give the engine more memory (Docker Desktop: Resources)',
    },
  }
}

/** Reports ports that the project maps and another program uses, or that they are not known. Pure. */
export function portsCheck({ ports }: HostFacts): Finding[] {
  const base = { id: 'ports', title: 'Ports' } as const
  if (ports === undefined) {
    const detail = 'not checked: the configuration is code, which devk doctor does not run; devk up checks them'
    return [{ ...base, level: 'ok', detail }]
  }
  if (ports.length === 0) return []
  return [
    {
      ...base,
      level: 'fail',
      detail: ports.map(({ port, owner }) => `${port} is taken by ${owner}`).join(', '),
      why: `the cluster maps ${ports.length === 1 ? 'it' : 'them'} to this machine (cluster.ports)`,
      fix: { commands: [], by: 'hand', explain: 'stop that program, or choose another port in the configuration' },
    },
  ]
}

/** Checks the kubectl on PATH. devk uses its own; the one on PATH only matters to scripts of the user. Pure. */
export function kubectlCheck({ kubectl }: HostFacts): Finding {
  const base = { id: 'kubectl', title: 'kubectl' } as const
  if (kubectl.state === 'real') return { ...base, level: 'ok', detail: `${kubectl.version} on PATH` }
  if (kubectl.state === 'absent') return { ...base, level: 'ok', detail: 'not on PATH; devk uses its own' }
  return {
    ...base,
    level: 'warn',
    detail: `the one on PATH is a wrapper (${kubectl.detail})`,
    why: 'a wrapper may wait for a server on localhost:8080 or start another version; devk uses its own kubectl',
    fix: { commands: [], by: 'hand', explain: 'use docker exec <node> kubectl, or devk exec' },
  }
}

/** Checks whether Docker Hub can be reached. Pure. */
export function registryCheck({ registry, proxy }: HostFacts): Finding {
  const base = { id: 'registry', title: 'Registry' } as const
  if (registry === 'reached') return { ...base, level: 'ok', detail: 'docker.io answers' }
  if (registry === 'unknown') {
    return {
      ...base,
      level: 'ok',
      detail: `not checked: the engine uses a proxy (${count(proxy.variables.length, 'proxy variable')})`,
    }
  }
  return {
    ...base,
    level: 'warn',
    detail: 'docker.io cannot be reached',
    why: 'the kit must build images that cannot be pulled (once, about 20 minutes on two cores)',
    fix: { commands: [], by: 'hand', explain: 'run devk kit build to build them in advance' },
  }
}

/** Checks whether the proxy settings exempt this machine; no finding without a proxy and certificates. Pure. */
export function proxyCheck({ proxy }: HostFacts): Finding[] {
  const base = { id: 'proxy', title: 'Proxy' } as const
  if (proxy.variables.length > 0 && !proxy.loopbackExempt) {
    return [
      {
        ...base,
        level: 'warn',
        detail: `${proxy.variables.join(', ')}; NO_PROXY does not include localhost`,
        why: 'programs send requests for the cluster on this machine to the proxy',
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
