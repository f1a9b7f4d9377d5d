import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeAtomic } from '../state/files.ts'

/** Where the control planes find the configuration. */
const inNode = '/etc/kubernetes/devk'
const fileName = 'encryption.yaml'

/** The folder with the key that encrypts the Secrets of a cluster, beside its kubeconfig. */
export function encryptionFolder(kubeconfig: string): string {
  return join(dirname(kubeconfig), 'encryption')
}

/**
 * Writes an EncryptionConfiguration with a new key, which only this user can read. What was written before without
 * encryption, such as by another tool, can still be read.
 * See https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
 */
export async function writeEncryption(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const keys = [{ name: 'devk', secret: randomBytes(32).toString('base64') }]
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [{ resources: ['secrets'], providers: [{ secretbox: { keys } }, { identity: {} }] }],
  }
  await writeAtomic(join(folder, fileName), `${JSON.stringify(configuration)}\n`)
}

/** The mount of the folder in a control plane, as kind writes it. */
export function encryptionMount(folder: string): Readonly<Record<string, unknown>> {
  return { hostPath: folder, containerPath: inNode, readOnly: true }
}

/**
 * Patches of kubeadm's ClusterConfiguration. kind applies the one of the version that it writes; only the format of the
 * arguments differs.
 */
export function encryptionPatches(): string[] {
  const [name, value] = ['encryption-provider-config', `${inNode}/${fileName}`]
  const volume = { name: 'devk-encryption', hostPath: inNode, mountPath: inNode, readOnly: true, pathType: 'Directory' }
  const patch = (version: string, extraArgs: unknown) =>
    JSON.stringify({
      apiVersion: `kubeadm.k8s.io/${version}`,
      kind: 'ClusterConfiguration',
      apiServer: { extraArgs, extraVolumes: [volume] },
    })
  return [patch('v1beta3', { [name]: value }), patch('v1beta4', [{ name, value }])]
}
