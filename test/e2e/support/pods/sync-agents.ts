import { docker } from '../../../support/docker.ts'

const agents = `for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2>/dev/null | grep -q '^/opt/devk/agent-.* sync' && echo \${p#/proc/}; done; true`

/** Process IDs of the sync agents on a node, which put files into the node's containers. */
export async function agentsOn(node: string): Promise<string[]> {
  return (await docker('exec', node, 'sh', '-c', agents)).split(/\s+/).filter((pid) => pid !== '')
}

/** Kills the sync agents on a node. */
export async function killAgents(node: string): Promise<void> {
  await docker('exec', node, 'sh', '-c', `for p in $(${agents}); do kill -9 $p || true; done`)
}
