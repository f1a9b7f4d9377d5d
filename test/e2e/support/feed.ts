import { spawn } from 'node:child_process'

/** kubectl of a node's container with this standard input; gives its output, and throws with what it says on failure. */
export async function feed(node: string, input: string, ...args: string[]): Promise<string> {
  const inNode = ['exec', '-i', node, 'kubectl', '--kubeconfig=/etc/kubernetes/admin.conf', ...args]
  const child = spawn('docker', inNode, { stdio: ['pipe', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin.end(input)
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${stderr}`)
  return stdout
}
