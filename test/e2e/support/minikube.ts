import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { minikubeKubectl } from '../../../src/cluster/minikube-nodes.ts'
import { statePaths } from '../../../src/state/paths.ts'
import { devkIn, repository } from './devk.ts'
import { docker } from './engine.ts'

/** A real Minikube of the kit's, with a home of its own that devk finds too. */
export interface Minikube {
  /** Runs it; throws with its stderr. */
  run(...args: string[]): Promise<string>
  dispose(): Promise<void>
}

/** `cluster` of a configuration for a machine without a container registry, where the kit's node has all that Minikube would pull. */
export const offlineCluster = [
  "provider: 'minikube'",
  "image: 'gcr.io/k8s-minikube/kicbase:v0.0.50'",
  "kubernetesVersion: 'v1.34.4'",
  "cni: 'offline.yaml'",
  "startArgs: ['--preload=false', '--cache-images=false', '--install-addons=false']",
].join(', ')

/** The pod network and the storage of the kit's node, for `cluster.cni`. */
export async function offlineManifests(): Promise<string> {
  const files = ['default-cni.yaml', 'default-storage.yaml'].map((name) => join(repository, 'kit/node/manifests', name))
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return texts.join('\n---\n').replaceAll('{{ .PodSubnet }}', '10.244.0.0/16')
}

/** kubectl in the first node of a profile. */
export const kubectlIn = (profile: string): string[] => [profile, ...minikubeKubectl]

/** Has the kit build what is not there yet. */
export async function realMinikube(): Promise<Minikube> {
  const devk = await devkIn(repository)
  const built = await devk.run(['kit', 'build', '--yes', 'minikube', 'kicbase'])
  await devk.dispose()
  if (built.exitCode !== 0) throw new Error(built.stderr)
  const home = await mkdtemp(join(tmpdir(), 'devk-minikube-'))
  process.env.MINIKUBE_HOME = home
  const minikube = join(statePaths(process.env).bin, 'minikube')
  return {
    run: async (...args) => (await promisify(execFile)(minikube, args)).stdout,
    dispose: () => rm(home, { recursive: true, force: true }),
  }
}

/** Containers, volumes and networks of a profile that are still there. */
export async function profileLeftovers(profile: string): Promise<string[]> {
  const label = `label=name.minikube.sigs.k8s.io=${profile}`
  const found = await Promise.all([
    docker('ps', '-aq', '--filter', label),
    docker('volume', 'ls', '-q', '--filter', label),
    docker('network', 'ls', '-q', '--filter', label),
  ])
  return found.flatMap((lines) => lines.split('\n').filter((line) => line !== ''))
}
