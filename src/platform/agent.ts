import { type AgentBinary, agentBinary } from '../agent/binary.ts'
import type { CliContext } from '../context.ts'
import type { DevkError } from '../errors.ts'
import { builtGo, hostGo } from '../kit/find-go.ts'

/**
 * Returns a function that finds the agent's program for the nodes of this engine. In a checkout, its first call builds
 * the program if necessary. A call after a failure tries again. Rejects with NODE_AGENT.
 */
export function agentProgram(ctx: CliContext): () => Promise<AgentBinary> {
  const { packageRoot, runner, signal } = ctx
  const cacheDir = ctx.paths.cache
  const findGo = goFinder(ctx)
  let program: Promise<AgentBinary> | undefined
  const find = async () => {
    const { arch } = await ctx.engine().images.info(signal)
    return agentBinary({ packageRoot, cacheDir, runner, findGo }, arch, signal)
  }
  return () => {
    program ??= find().catch((error: unknown) => {
      program = undefined
      throw error
    })
    return program
  }
}

/** Says, in sentences, why syncs and forwards do not use the agent, and what this means for the user. */
export function slowerWithout({ message, details, hint }: DevkError): string {
  const reason = [message, ...details.slice(-1)].join(': ')
  return `${reason}. Syncs and forwards go through the API server instead, which is slower.${hint ? ` ${hint}` : ''}`
}

/** Returns a function that finds the Go command of this machine, or that of the kit; undefined if there is none. */
export function goFinder({ runner, paths }: CliContext): (signal: AbortSignal) => Promise<string | undefined> {
  return async (signal) => (await hostGo(runner, signal)) ?? (await builtGo(paths.cache))
}
