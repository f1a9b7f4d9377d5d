import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { statePaths } from '../../../src/state/paths.ts'
import { devkIn, repository } from './devk.ts'

/** The kit's Minikube with a home folder of its own, which devk uses too because MINIKUBE_HOME names it. */
export interface Minikube {
  /** Runs minikube and gives its standard output. Throws with its standard error. */
  run(...args: string[]): Promise<string>
  /** Removes the home folder. */
  dispose(): Promise<void>
}

/** `cluster` of a configuration for a machine without a container registry: the kit's node holds all that Minikube would pull. */
export const offlineCluster = [
  "provider: 'minikube'",
  "image: 'gcr.io/k8s-minikube/kicbase:v0.0.50'",
  "kubernetesVersion: 'v1.34.4'",
  "cni: 'offline.yaml'",
  "startArgs: ['--preload=false', '--cache-images=false', '--install-addons=false']",
].join(', ')

/** The manifests of the pod network and the storage of the kit's node, for `cluster.cni`. */
export async function offlineManifests(): Promise<string> {
  const files = ['default-cni.yaml', 'default-storage.yaml'].map((name) => join(repository, 'kit/node/manifests', name))
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return texts.join('\n---\n').replaceAll('{{ .PodSubnet }}', '10.244.0.0/16')
}

/** Builds Minikube and its node image with the kit, unless they exist, and gives Minikube an empty home folder. */
export async function installMinikube(): Promise<Minikube> {
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
