import { readFileSync } from 'node:fs'
import module from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The entry point: reads the arguments and the environment, runs one command and sets the exit code. It imports only
 * Node modules until it has answered `--version` or enabled the compile cache, because loading modules takes most of
 * the time of a short command.
 */
const packageRoot = fileURLToPath(new URL('../..', import.meta.url))
const args = process.argv.slice(2)
/** What a command has begun and does not wait for, such as a connection that closes, ends within this time (ms). */
const lastWorkMs = 2000
const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) process.stdout.write(`${version}\n`)
else {
  const { env } = process
  const cache = env.XDG_CACHE_HOME || (env.HOME ? join(env.HOME, '.cache') : undefined)
  if (cache !== undefined) module.enableCompileCache(join(cache, 'devk', 'compile'))
  const { launch } = await import('./launch.ts')
  process.exitCode = await launch({ args, env, version, packageRoot, process })
  // A timer or a connection that a configuration or a library leaves open would keep devk running for ever.
  setTimeout(() => process.exit(), lastWorkMs).unref()
}
