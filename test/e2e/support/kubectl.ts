import { spawn } from 'node:child_process'
import { docker } from '../../support/docker.ts'

const ofKind = ['kubectl', '--kubeconfig=/etc/kubernetes/admin.conf']

/** Runs kubectl and gives its trimmed output. Throws an error with kubectl's standard error in its message. */
export type Kubectl = (...args: string[]) => Promise<string>

/** The kubectl inside a node's container, with the administrator's kubeconfig; it shares no code with devk. */
export function kubectlIn(node: string, command: readonly string[] = ofKind): Kubectl {
  return (...args) => docker('exec', node, ...command, ...args)
}

/** Runs `kubectl apply` in a node for objects given as JSON, with these further flags. Gives and throws as `Kubectl` does. */
export async function applyIn(node: string, objects: readonly object[], ...flags: string[]): Promise<string> {
  const command = ['exec', '-i', node, ...ofKind, 'apply', '-f', '-', ...flags]
  const child = spawn('docker', command, { stdio: 'pipe' })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`kubectl apply failed: ${stderr}`)
  return stdout.trim()
}
