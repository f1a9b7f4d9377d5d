import type { CliContext } from '../context.ts'
import { DevkError } from '../errors.ts'
import { type RegistryPlace, registryPlace } from '../images/registry/registry.ts'
import { agentProgram } from './agent.ts'

/**
 * The registry of this user, with the agent before it. Without the agent it answers to any host, but to no other user.
 */
export function ownRegistry(ctx: CliContext): RegistryPlace {
  const program = agentProgram(ctx)
  const guard = async () => {
    try {
      return await (await program()).read()
    } catch (error) {
      if (error instanceof DevkError && error.code === 'NODE_AGENT') return undefined
      throw error
    }
  }
  return { ...registryPlace(ctx.paths), guard }
}
