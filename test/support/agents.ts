import { fileURLToPath } from 'node:url'
import { type AgentBinary, agentBinary } from '../../src/agent/binary.ts'
import { type NodeAgents, nodeAgents } from '../../src/agent/node-agents.ts'
import { dockerEngine } from '../../src/engine/engine.ts'
import { execaRunner } from '../../src/exec/runner.ts'
import { builtGo, hostGo } from '../../src/kit/find-go.ts'
import { statePaths } from '../../src/state/paths.ts'

const runner = execaRunner(process.env)

/** The program of the agent, built from this checkout with the machine's real cache. */
export async function agentOfCheckout(): Promise<AgentBinary> {
  const { signal } = new AbortController()
  const cacheDir = statePaths(process.env).cache
  const { arch } = await dockerEngine(process.env).images.info(signal)
  const findGo = async () => (await hostGo(runner, signal)) ?? (await builtGo(cacheDir))
  const packageRoot = fileURLToPath(new URL('../..', import.meta.url))
  return agentBinary({ packageRoot, cacheDir, runner, findGo }, arch, signal)
}

/**
 * The agents as devk starts them from this checkout, with the machine's real cache. One that cannot run fails the test, unless
 * `mayFail`.
 */
export function agentsOfCheckout({ mayFail = false } = {}): NodeAgents {
  return nodeAgents({
    runner,
    binary: agentOfCheckout,
    onUnusable: (error) => {
      if (!mayFail) throw error
    },
  })
}
