import type { NodeAgents } from '../../../src/agent/node-agents.ts'
import { execaRunner } from '../../../src/exec/runner.ts'
import { nodeSyncer } from '../../../src/sync/node-syncer.ts'
import type { Syncer, SyncTarget } from '../../../src/sync/syncer.ts'
import { agentsOfCheckout } from '../../support/agents.ts'

const runner = execaRunner(process.env)
/** Where the runtime of the node has its containers. */
export const tasks = '/run/containerd/io.containerd.runtime.v2.task/k8s.io'

/** A container of the engine that stands for a node, and processes in it that stand for the node's containers. */
export interface FakeNode {
  readonly id: string
  readonly agents: NodeAgents
  readonly syncer: Syncer
  /** Runs a shell script on the node and gives its output. */
  sh(script: string): Promise<string>
  /** Starts a process whose root is this folder of the node, and which the runtime knows as a container. */
  container(root: string): Promise<SyncTarget & { end(): Promise<void> }>
  remove(): Promise<void>
}

/**
 * Starts a node, with more options of docker run. Its /run and /tmp cannot be executed from, as on the nodes of kind
 * and Minikube.
 */
export async function startNode(more: readonly string[] = []): Promise<FakeNode> {
  const options = ['--privileged', '--cgroupns', 'host', '--tmpfs', '/run', '--tmpfs', '/tmp', ...more]
  const id = (await docker('run', '-d', ...options, 'kit/debian:bookworm', 'sleep', 'infinity')).trim()
  const sh = (script: string) => docker('exec', id, 'sh', '-ec', script)
  const agents = agentsOfCheckout()
  let count = 0
  return {
    id,
    agents,
    syncer: nodeSyncer(agents, (node) => node),
    sh,
    async container(root) {
      count += 1
      // Any part of the name of the processes' control group, which is the node's own.
      const containerId = id.slice(0, 64 - count)
      const task = `${tasks}/${containerId}`
      // Loaded before it changes its root, Perl needs nothing in there.
      const program = 'chroot $ARGV[0] or die; chdir "/"; open F, ">&=", 3; syswrite F, $$; close F; sleep 1 while 1'
      await sh(`mkdir -p ${root} ${task}; perl -e '${program}' ${root} 3>${task}/init.pid </dev/null >/dev/null 2>&1 &
        until [ -s ${task}/init.pid ]; do sleep 0.01; done`)
      const pod = { namespace: 'default', name: root }
      const end = async () => void (await sh(`kill -9 $(cat ${task}/init.pid)`))
      return { service: 'app', pod, container: 'main', containerId, node: id, end }
    },
    async remove() {
      agents.close()
      await docker('rm', '-f', '-v', id)
    },
  }
}

/** Runs a command of the engine and gives its output. */
export async function docker(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runner.run('docker', args)
  if (exitCode !== 0) throw new Error(`docker ${args[0]}: ${stderr}`)
  return stdout
}
