import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { applyIn, type Kubectl, kubectlIn } from './kubectl.ts'
import { findKind } from './tools.ts'

const run = promisify(execFile)

/** Image of the nodes, which the kit builds. */
export const nodeImage = 'kindest/node:v1.34.4'

/** The node images of kind read registries from certs.d by themselves; those of the kit need this configuration. */
const kindConfig = {
  kind: 'Cluster',
  apiVersion: 'kind.x-k8s.io/v1alpha4',
  containerdConfigPatches: [
    '[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "/etc/containerd/certs.d"',
    '[plugins."io.containerd.cri.v1.images".registry]\n  config_path = "/etc/containerd/certs.d"',
  ],
}

/** A kind cluster that a test creates without devk. */
export interface TestCluster {
  readonly name: string
  readonly kubeconfig: string
  readonly context: string
  /** The container of the first control-plane node. */
  readonly node: string
  readonly kubectl: Kubectl
  /** `kubectl apply` of objects given as JSON. */
  apply(...objects: object[]): Promise<void>
  /** Copies an image of the local engine into every node. */
  loadImage(image: string): Promise<void>
  /** Deletes the cluster and its kubeconfig. */
  delete(): Promise<void>
}

/** How a test cluster differs from one node with the defaults of Kubernetes. */
export interface TestClusterOptions {
  readonly workers?: number
  /** Fields of the KubeletConfiguration of all nodes. */
  readonly kubelet?: object
  /** Folder for the kubeconfig. Without it a temporary one. */
  readonly folder?: string
}

/**
 * Creates a kind cluster of this name with its kubeconfig in a temporary folder. Deletes an existing cluster of that name first.
 * Takes about 35 seconds, and 10 more for each worker.
 */
export async function createTestCluster(name: string, options: TestClusterOptions = {}): Promise<TestCluster> {
  const { workers = 0, kubelet } = options
  const kind = await findKind()
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), `devk-e2e-${name}-`)))
  const kubeconfig = join(folder, 'kubeconfig')
  const config = join(folder, 'kind.json')
  const nodes = [{ role: 'control-plane' }, ...Array.from({ length: workers }, () => ({ role: 'worker' }))]
  const patches =
    kubelet === undefined
      ? {}
      : { kubeadmConfigPatches: [JSON.stringify({ kind: 'KubeletConfiguration', ...kubelet })] }
  await writeFile(config, JSON.stringify({ ...kindConfig, ...patches, nodes }))
  await deleteCluster(kind, name, kubeconfig)
  const create = ['create', 'cluster', '--name', name, '--image', nodeImage, '--config', config]
  await run(kind, [...create, '--kubeconfig', kubeconfig, '--wait', '180s'])
  return openTestCluster(name, folder)
}

/**
 * Deletes a cluster, in several attempts: with control groups v1 the engine may fail to remove a container whose processes it
 * has just killed ("did not receive an exit event").
 */
async function deleteCluster(kind: string, name: string, kubeconfig: string): Promise<void> {
  for (let left = 3; ; left -= 1) {
    try {
      await run(kind, ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig])
      return
    } catch (error) {
      if (left === 0) throw error
      await sleep(2000)
    }
  }
}

/** The cluster that `createTestCluster` has created with its kubeconfig in this folder. */
export async function openTestCluster(name: string, folder: string): Promise<TestCluster> {
  const kind = await findKind()
  const kubeconfig = join(folder, 'kubeconfig')
  const node = `${name}-control-plane`
  return {
    name,
    kubeconfig,
    context: `kind-${name}`,
    node,
    kubectl: kubectlIn(node),
    apply: async (...objects) => void (await applyIn(node, objects)),
    async loadImage(image) {
      const { stdout } = await run(kind, ['get', 'nodes', '--name', name])
      for (const target of stdout.trim().split('\n')) await copyImage(image, target)
    },
    async delete() {
      await deleteCluster(kind, name, kubeconfig)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Copies an image of the local engine into one node. Throws when the engine does not have the image. */
export async function copyImage(image: string, node: string): Promise<void> {
  const source = spawn('docker', ['save', image], { stdio: ['ignore', 'pipe', 'inherit'] })
  const load = ['exec', '-i', node, 'ctr', '-n', 'k8s.io', 'images', 'import', '-']
  const sink = spawn('docker', load, { stdio: ['pipe', 'ignore', 'inherit'] })
  source.stdout.pipe(sink.stdin)
  const codes = await Promise.all([source, sink].map((p) => new Promise((resolve) => p.on('close', resolve))))
  if (codes.some((code) => code !== 0)) throw new Error(`${image} could not be copied into ${node}`)
}
