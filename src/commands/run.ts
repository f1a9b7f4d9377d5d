import type { CommandFunction } from '../cli/context.ts'
import type { RunFlags } from '../cli/flags.ts'

export const runRun: CommandFunction<RunFlags> = async () => {
  throw new Error('not written yet')
}
