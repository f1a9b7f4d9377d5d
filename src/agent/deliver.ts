import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import type { AgentBinary } from './binary.ts'

/**
 * A folder on the node's root file system. It keeps its files when the node restarts. kind and Minikube mount /run and
 * /tmp with noexec, so the agent cannot run there.
 */
const folder = '/opt/devk'

/** How long the copy of a few megabytes may take. */
const timeoutMs = 60_000

/** Path of the agent on a node. Each build of the agent has a path of its own. */
export function agentPath({ sha256 }: AgentBinary): string {
  return `${folder}/${fileName(sha256)}`
}

const fileName = (sha256: string) => `agent-${sha256.slice(0, 16)}`

/**
 * Receives the agent on its standard input. The arguments are the folder, the file name and the SHA-256. A rename makes
 * the complete file appear at once. Earlier agents are deleted.
 */
const receive = `set -eu
umask 077
mkdir -p "$1"
new="$1/.new-$$"
trap 'rm -f "$new"' EXIT
cat >"$new"
echo "$3  $new" | sha256sum -c --status -
chmod 700 "$new"
mv -f "$new" "$1/$2"
for old in "$1"/agent-*; do [ "$old" = "$1/$2" ] || rm -f "$old"; done`

/**
 * Copies the agent to a node, for root only. Throws NODE_AGENT with the error output of the engine or of the node's
 * shell.
 */
export async function deliverAgent(
  runner: Runner,
  container: string,
  binary: AgentBinary,
  signal: AbortSignal,
): Promise<void> {
  const args = ['exec', '-i', container, 'sh', '-c', receive, 'sh', folder, fileName(binary.sha256), binary.sha256]
  const { exitCode, stderr } = await runner.run('docker', args, { input: await binary.read(), signal, timeoutMs })
  if (exitCode === 0) return
  throw new DevkError('NODE_AGENT', `The agent cannot be copied to node ${container}`, {
    details: stderr.trim() === '' ? [`exit code ${exitCode}`] : stderr.trim().split('\n').slice(-5),
  })
}
