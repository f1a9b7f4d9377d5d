import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { CliContext } from '../../context.ts'
import { userId } from '../../platform/engine.ts'

/** What the commands for trusted authorities depend on. */
export interface TrustMachine {
  readonly platform: NodeJS.Platform
  /** Whether devk runs as root. */
  readonly isRoot: boolean
  /** The programs for trusted authorities that are installed. */
  readonly programs: ReadonlySet<string>
  /** Whether a file exists. */
  has(file: string): Promise<boolean>
}

/** Reads this machine. Also looks in the sbin folders, which are often not in a user's PATH. */
export async function readMachine({ env }: Pick<CliContext, 'env'>): Promise<TrustMachine> {
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  const programs = new Set<string>()
  for (const program of ['update-ca-certificates', 'trust']) {
    for (const folder of folders) if (await can(join(folder, program), constants.X_OK)) programs.add(program)
  }
  return { platform: process.platform, isRoot: userId() === 0, programs, has: (file) => can(file, constants.F_OK) }
}

function can(file: string, mode: number): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  )
}
