import { type AgentBinary, agentBinary } from '../agent/binary.ts'
import type { CliContext } from '../context.ts'
import type { DevkError } from '../errors.ts'
import { builtGo, hostGo } from '../kit/find-go.ts'

/**
 * The agent's program for the nodes of this engine. The first call looks for it, and builds it in a checkout that has not built it yet.
 * Rejects with NODE_AGENT.
 */
export function agentProgram(ctx: CliContext): () => Promise<AgentBinary> {
  const { packageRoot, runner, signal } = ctx
  const cacheDir = ctx.paths.cache
  const findGo = async (either: AbortSignal) => (await hostGo(runner, either)) ?? (await builtGo(cacheDir))
  let program: Promise<AgentBinary> | undefined
  const find = async () => {
    const { arch } = await ctx.engine().images.info(signal)
    return agentBinary({ packageRoot, cacheDir, runner, findGo }, arch, signal)
  }
  return () => {
    program ??= find()
    return program
  }
}

/** Why syncs and forwards do without the agent, and what that means, in sentences. */
export function slowerWithout({ message, details, hint }: DevkError): string {
  const reason = [message, ...details.slice(-1)].join(': ')
  return `${reason}. Syncs and forwards go through the API server instead, which is slower.${hint ? ` ${hint}` : ''}`
}
