import { docker } from '../../../support/docker.ts'

const agents = `for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2>/dev/null | grep -q '^perl -e' && echo \${p#/proc/}; done; true`

/** Process IDs of the sync agents on a node, which put files into the node's containers. */
export function agentsOn(node: string): Promise<string[]> {
  return pids(node, agents)
}

/** Process IDs of the sync agents that the engine started, without the child that each of them has for a container. */
export function agentRootsOn(node: string): Promise<string[]> {
  return pids(node, `for p in $(${agents}); do grep -q '^PPid:.0$' /proc/$p/status && echo $p; done; true`)
}

/** Kills the sync agents on a node. */
export async function killAgents(node: string): Promise<void> {
  await docker('exec', node, 'sh', '-c', `for p in $(${agents}); do kill -9 $p; done`)
}

async function pids(node: string, script: string): Promise<string[]> {
  return (await docker('exec', node, 'sh', '-c', script)).split(/\s+/).filter((pid) => pid !== '')
}
