import { execFile, spawn } from 'node:child_process'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const nodeImage = 'kindest/node:v1.34.4'

/** kind's own node images read registries from certs.d, those of the kit have to be told. */
const kindConfig = {
  kind: 'Cluster',
  apiVersion: 'kind.x-k8s.io/v1alpha4',
  containerdConfigPatches: [
    '[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "/etc/containerd/certs.d"',
    '[plugins."io.containerd.cri.v1.images".registry]\n  config_path = "/etc/containerd/certs.d"',
  ],
}

export interface TestCluster {
  readonly name: string
  readonly kubeconfig: string
  readonly context: string
  /** The container of the first control-plane node. */
  readonly node: string
  /** kubectl of the node image, run inside the node; throws with its stderr. */
  kubectl(...args: string[]): Promise<string>
  /** `kubectl apply -f -` of objects given as JSON. */
  apply(...objects: object[]): Promise<void>
  /** Copies an image of the local engine into every node. */
  load(image: string): Promise<void>
  delete(): Promise<void>
}

/** Where kind is: on PATH, or where devk keeps it. Throws when it is nowhere, since an e2e test is never skipped. */
export function findKind(): Promise<string> {
  return findTool('kind', (process.env.PATH ?? '').split(':'))
}

/** The kubectl that devk keeps; one of PATH may be another program's. Throws when it is nowhere. */
export function findKubectl(): Promise<string> {
  return findTool('kubectl', [])
}

async function findTool(name: string, folders: readonly string[]): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const own = join(cache, 'devk', 'bin')
  for (const folder of [...folders, own, join(cache, 'devk-kit', 'bin')]) {
    if (await isFile(join(folder, name))) return join(folder, name)
  }
  throw new Error(`${name} is not in ${[...folders, own].join(', ')}: run bin/devk doctor --fix first`)
}

/**
 * Creates a kind cluster of this name with its kubeconfig in a temporary folder; a leftover of that name is deleted first.
 * Takes about 35 seconds, and 10 more for each worker.
 */
export async function createTestCluster(name: string, { workers = 0 } = {}): Promise<TestCluster> {
  const kind = await findKind()
  const folder = await mkdtemp(join(tmpdir(), `devk-e2e-${name}-`))
  const kubeconfig = join(folder, 'kubeconfig')
  const config = join(folder, 'kind.json')
  const nodes = [{ role: 'control-plane' }, ...Array.from({ length: workers }, () => ({ role: 'worker' }))]
  await writeFile(config, JSON.stringify({ ...kindConfig, nodes }))
  await run(kind, ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig])
  const create = ['create', 'cluster', '--name', name, '--image', nodeImage, '--config', config]
  await run(kind, [...create, '--kubeconfig', kubeconfig, '--wait', '180s'])
  const node = `${name}-control-plane`
  const inNode = ['exec', '-i', node, 'kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf']
  return {
    name,
    kubeconfig,
    context: `kind-${name}`,
    node,
    kubectl: async (...args) => (await run('docker', [...inNode, ...args], { maxBuffer: 100_000_000 })).stdout,
    async apply(...objects) {
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
      await feed('docker', [...inNode, 'apply', '-f', '-'], list)
    },
    async load(image) {
      const { stdout } = await run(kind, ['get', 'nodes', '--name', name])
      for (const target of stdout.trim().split('\n')) {
        await copyImage(image, target)
      }
    },
    async delete() {
      await run(kind, ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Copies an image of the local engine into one node. */
export function copyImage(image: string, node: string): Promise<void> {
  return pipe(['save', image], ['exec', '-i', node, 'ctr', '-n', 'k8s.io', 'images', 'import', '-'])
}

async function isFile(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function feed(command: string, args: readonly string[], input: string): Promise<void> {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`)
}

async function pipe(from: readonly string[], to: readonly string[]): Promise<void> {
  const source = spawn('docker', from, { stdio: ['ignore', 'pipe', 'inherit'] })
  const sink = spawn('docker', to, { stdio: ['pipe', 'ignore', 'inherit'] })
  source.stdout.pipe(sink.stdin)
  const codes = await Promise.all([source, sink].map((p) => new Promise((resolve) => p.on('close', resolve))))
  if (codes.some((code) => code !== 0)) throw new Error(`docker ${from.join(' ')} | docker ${to.join(' ')} failed`)
}
