/**
 * How long devk's short commands take, compared with a Node that does nothing, by turns.
 * Run: node bench/commands.ts [FOLDER OF A RUNNING STACK]
 */
import { execFileSync } from 'node:child_process'
import { repository } from '../test/e2e/support/devk.ts'
import { type Arm, compare, timed } from './lib/arms.ts'

const [folder] = process.argv.slice(2)
const program = `${repository}/bin/devk`
const quiet = { stdio: 'ignore' } as const
const node: Arm = { name: 'node -e 0', run: () => timed(() => execFileSync(process.execPath, ['-e', '0'], quiet)) }
const commands = [['--version'], ['--help'], ...(folder === undefined ? [] : [['status'], ['logs', '--tail', '10']])]

for (const args of commands) {
  const name = `devk ${args.join(' ')}`
  const run = () => timed(() => execFileSync(program, args, { ...quiet, cwd: folder ?? repository }))
  await compare({ name: name.replaceAll(/[^a-z0-9]+/g, '-'), arms: [{ name, run }, node], rounds: 40 })
}
