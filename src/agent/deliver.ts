import { DevkError } from '../errors.ts'
import type { Runner } from '../exec/runner.ts'
import type { AgentBinary } from './binary.ts'

/**
 * On the node's own file system: kind and Minikube mount /run and /tmp without the right to execute, and a node that was restarted
 * still has what lies here.
 */
const folder = '/opt/devk'

/** Where a node has this agent; another one has another path. */
export function agentPath({ sha256 }: AgentBinary): string {
  return `${folder}/${fileName(sha256)}`
}

const fileName = (sha256: string) => `agent-${sha256.slice(0, 16)}`

/** Its arguments are folder, file name and SHA-256. The file appears whole, by a rename, and takes the place of earlier agents. */
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

/** Puts the agent on a node, for root only. Throws NODE_AGENT with what the engine or the node's shell said. */
export async function deliverAgent(
  runner: Runner,
  container: string,
  binary: AgentBinary,
  signal: AbortSignal,
): Promise<void> {
  const args = ['exec', '-i', container, 'sh', '-c', receive, 'sh', folder, fileName(binary.sha256), binary.sha256]
  const { exitCode, stderr } = await runner.run('docker', args, { input: await binary.read(), signal })
  if (exitCode === 0) return
  throw new DevkError('NODE_AGENT', `The agent cannot be copied to node ${container}`, {
    details: stderr.trim() === '' ? [`exit code ${exitCode}`] : stderr.trim().split('\n').slice(-5),
  })
}
