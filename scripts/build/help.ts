import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/**
 * Writes `help.txt`, which bin/devk prints for `devk --help`, so that it needs no Node: what the program in the folder `dist` prints
 * for it at 80 columns, its greatest width. Throws when that program fails.
 */
export async function writeHelp(dist: string): Promise<void> {
  // Without HOME the program leaves no compile cache behind.
  const env = { PATH: process.env.PATH, COLUMNS: '80' }
  const { stdout } = await promisify(execFile)(process.execPath, [join(dist, 'cli/main.js'), '--help'], { env })
  await writeFile(join(dist, 'help.txt'), stdout)
}
