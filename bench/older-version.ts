/**
 * How long devk's short commands and a second `up` take, compared with an older version of devk, by turns.
 * Run: node bench/older-version.ts OLDER FOLDER OLDER-FOLDER [OPTION OF UP…]
 * OLDER is a checkout of the older version with its packages. Each version has a project of its own, FOLDER and OLDER-FOLDER,
 * which differ only by name and are up. The options of `up` are for FOLDER, such as `--allow-context kind-test`.
 */
import { execFileSync } from 'node:child_process'
import { repository } from '../test/e2e/support/devk.ts'
import { compare, timed } from './lib/arms.ts'

const [older = '', folder = '', olderFolder = '', ...options] = process.argv.slice(2)
const commands = [['--version'], ['--help'], ['status'], ['logs', '--tail', '10'], ['up', '--detach', '--yes']]

for (const args of commands) {
  const arm = (name: string, checkout: string, cwd: string, more: readonly string[]) => ({
    name,
    run: () => timed(() => execFileSync(`${checkout}/bin/devk`, [...args, ...more], { stdio: 'ignore', cwd })),
  })
  const arms = [
    arm('devk', repository, folder, args[0] === 'up' ? options : []),
    arm('devk of before', older, olderFolder, []),
  ] as const
  const name = `older-version-${args.join('-').replaceAll(/[^a-z0-9]+/g, '-')}`
  await compare({ name, arms, rounds: 30 })
}
