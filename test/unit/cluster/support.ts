import type { ClusterSpec } from '../../../src/cluster/provider.ts'
import type { ContainerInfo, Engine } from '../../../src/engine/api.ts'
import type { Journal, JournalEntry } from '../../../src/state/journal.ts'

export const signal = new AbortController().signal

export const spec = (more: Partial<ClusterSpec> = {}): ClusterSpec => ({
  project: 'todo',
  name: 'todo',
  nodes: [{ role: 'control-plane', labels: {}, taints: [] }],
  ports: [],
  image: 'node:1',
  podSubnet: undefined,
  serviceSubnet: undefined,
  kubeadmPatches: [],
  ...more,
})

export function container(name: string, more: Partial<ContainerInfo> = {}): ContainerInfo {
  return {
    id: `id-${name}`,
    name,
    image: 'node:1',
    state: 'running',
    exitCode: undefined,
    labels: { 'io.x-k8s.kind.cluster': 'todo', 'io.x-k8s.kind.role': 'control-plane' },
    ports: [],
    networks: { kind: '172.18.0.2' },
    mounts: [],
    ...more,
  }
}

/** An engine with these containers, whose list a test may change. `kubectl` answers the commands that are run in a node. */
export function fakeEngine(
  containers: ContainerInfo[],
  kubectl: (args: string, stdin: string | undefined) => string = (args) => {
    throw new Error(`unexpected: kubectl ${args}`)
  },
) {
  const log: string[] = []
  const networks = new Set<string>()
  const unexpected = (): never => {
    throw new Error('unexpected call')
  }
  const engine: Pick<Engine, 'containers' | 'exec' | 'networks' | 'volumes'> = {
    volumes: {
      list: async () => unexpected(),
      async remove(name) {
        log.push(`remove volume ${name}`)
      },
    },
    containers: {
      list: async (labels) =>
        containers.filter(({ labels: has }) =>
          labels.every((label) => has[label.split('=')[0] ?? ''] === label.split('=')[1]),
        ),
      inspect: async (name) => containers.find((each) => each.name === name),
      create: unexpected,
      stop: unexpected,
      async limit(name, { cpu, memory }) {
        log.push(`limit ${name} ${cpu} ${memory}`)
      },
      async start(id) {
        log.push(`start ${id}`)
        const i = containers.findIndex((each) => each.id === id)
        const found = containers[i]
        if (found) containers[i] = { ...found, state: 'running' }
      },
      async remove(id) {
        log.push(`remove ${id}`)
        containers.splice(
          containers.findIndex((each) => each.id === id),
          1,
        )
      },
    },
    exec: {
      open: unexpected,
      async run(_node, argv, options) {
        const at = argv.findIndex((word) => word.startsWith('--kubeconfig'))
        const words = argv.slice(argv[at] === '--kubeconfig' ? at + 2 : at + 1)
        const stdout = kubectl(words.join(' '), options.stdin as string | undefined)
        return { exitCode: 0, stdout, stderr: '' }
      },
    },
    networks: {
      list: async (labels) =>
        [...networks]
          .filter((name) => labels.some((label) => label.endsWith(`=${name}`)))
          .map((name) => ({ name, labels: {} })),
      connect: unexpected,
      async disconnect(network, name) {
        log.push(`disconnect ${name} from ${network}`)
      },
      exists: async (name) => networks.has(name),
      async remove(name) {
        log.push(`remove network ${name}`)
        networks.delete(name)
      },
    },
  }
  return { engine, log, networks, containers }
}

/** A journal in memory. */
export function fakeJournal(): Journal {
  let list: JournalEntry[] = []
  return {
    file: '/state/journal',
    entries: async () => list,
    find: async (kind, name) => list.find((entry) => entry.kind === kind && entry.name === name),
    async begin(kind, name, facts = {}) {
      const entry: JournalEntry = { id: `${kind}/${name}`, kind, name, at: '', state: 'begun', facts }
      list = [...list.filter(({ id }) => id !== entry.id), entry]
      return entry
    },
    async made(id, facts) {
      list = list.map((entry) =>
        entry.id === id ? { ...entry, state: 'made', facts: { ...entry.facts, ...facts } } : entry,
      )
    },
    async remove(id) {
      list = list.filter((entry) => entry.id !== id)
    },
  }
}
