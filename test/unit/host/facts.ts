import type { HostFacts } from '../../../src/host/facts.ts'

const gib = 1024 ** 3

/** The facts of a healthy machine; a test changes the ones that it is about. */
export const healthy: HostFacts = {
  platform: 'linux',
  root: true,
  engine: {
    state: 'running',
    id: 'engine',
    host: 'unix:///var/run/docker.sock',
    version: '26.1.5',
    os: 'linux',
    arch: 'amd64',
    cgroupVersion: '2',
    program: 'Docker',
    rootless: false,
    rootDir: '/var/lib/docker',
    memoryBytes: 24 * gib,
    cpus: 4,
  },
  kernel: {
    release: '6.1.0',
    cgroup: { version: 2, unmounted: [] },
    inotifyInstances: 8192,
    inotifyWatches: 1_048_576,
    openFiles: 1_048_576,
    missingCapabilities: [],
  },
  disk: { folder: '/var/lib/docker', freeBytes: 64 * gib },
  memory: { totalBytes: 24 * gib, availableBytes: 20 * gib },
  kubectl: { state: 'real', version: '1.34.4' },
  helm: undefined,
  registry: 'reached',
  proxy: { variables: [], loopbackExempt: false, certificates: undefined },
  ports: [],
}

export type KernelFacts = NonNullable<HostFacts['kernel']>

/** The healthy machine with other facts of its kernel. */
export function withKernel(kernel: Partial<KernelFacts>): HostFacts {
  return { ...healthy, kernel: { ...(healthy.kernel as KernelFacts), ...kernel } }
}
