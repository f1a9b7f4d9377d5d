// Checks of the agent's Go code: format, vet and tests; arguments choose among them. Needs Go 1.24 or newer: the machine's own or that
// of the kit. The agent runs on Linux only, so other systems have no tests to run.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execaRunner, type RunResult } from '../src/exec/runner.ts'
import { builtGo, hostGo } from '../src/kit/find-go.ts'
import { statePaths } from '../src/state/paths.ts'

const cwd = join(dirname(dirname(fileURLToPath(import.meta.url))), 'agent')
const runner = execaRunner(process.env)
const { signal } = new AbortController()
const go = (await hostGo(runner, signal)) ?? (await builtGo(statePaths(process.env).cache))
if (go === undefined) throw new Error('The agent is written in Go: install Go 1.24 or newer')

const run = (command: string, args: readonly string[]): Promise<RunResult> =>
  runner.run(command, args, { cwd, env: { CGO_ENABLED: '0', GOOS: 'linux', GOWORK: 'off' } })

/** `gofmt -l` succeeds whatever it lists. */
async function format(): Promise<RunResult> {
  const { stdout } = await run(go ?? '', ['env', 'GOROOT'])
  const result = await run(join(stdout, 'bin/gofmt'), ['-l', '.'])
  return { ...result, exitCode: result.exitCode || (result.stdout === '' ? 0 : 1) }
}

const checks: Readonly<Record<string, () => Promise<RunResult>>> = {
  format,
  vet: () => run(go, ['vet', './...']),
  ...(process.platform === 'linux' ? { test: () => run(go, ['test', './...']) } : {}),
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(checks)
for (const name of names) {
  const { exitCode, stdout, stderr } = (await checks[name]?.()) ?? { exitCode: 1, stdout: '', stderr: 'No such check' }
  console.log(`${exitCode === 0 ? '✓' : '✗'} ${name}\n${stdout}${stderr}`.trimEnd())
  if (exitCode !== 0) process.exitCode = 1
}
