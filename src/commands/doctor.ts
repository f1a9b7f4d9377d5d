import type { CommandFunction } from '../cli/context.ts'
import type { DoctorFlags } from '../cli/flags.ts'

export const runDoctor: CommandFunction<DoctorFlags> = async () => {
  throw new Error('not written yet')
}
