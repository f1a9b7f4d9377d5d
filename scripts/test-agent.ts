// Checks of devk's Go code, which is the agent and the debugger for Go: format, vet and tests; arguments choose among them. Needs Go 1.24 or
// newer: the machine's own or that of the kit. Both run on Linux only, so other systems have no tests to run.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execaRunner, type RunResult } from '../src/exec/runner.ts'
import { builtGo, hostGo } from '../src/kit/find-go.ts'
import { statePaths } from '../src/state/paths.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = ['agent', 'debuggers/go']
const runner = execaRunner(process.env)
const { signal } = new AbortController()
const go = (await hostGo(runner, signal)) ?? (await builtGo(statePaths(process.env).cache))
if (go === undefined) throw new Error('The agent is written in Go: install Go 1.24 or newer')

const env = { CGO_ENABLED: '0', GOOS: 'linux', GOWORK: 'off', GOTOOLCHAIN: 'auto' }
const run = (module: string, command: string, args: readonly string[]): Promise<RunResult> =>
  runner.run(command, args, { cwd: join(root, module), env })

/** `gofmt -l` succeeds whatever it lists. */
async function format(module: string): Promise<RunResult> {
  const { stdout } = await run(module, go ?? '', ['env', 'GOROOT'])
  const result = await run(module, join(stdout, 'bin/gofmt'), ['-l', '.'])
  return { ...result, exitCode: result.exitCode || (result.stdout === '' ? 0 : 1) }
}

const checks: Readonly<Record<string, (module: string) => Promise<RunResult>>> = {
  format,
  vet: (module) => run(module, go, ['vet', './...']),
  ...(process.platform === 'linux' ? { test: (module: string) => run(module, go, ['test', './...']) } : {}),
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(checks)
for (const [name, module] of names.flatMap((each) => modules.map((module) => [each, module] as const))) {
  const missing = { exitCode: 1, stdout: '', stderr: 'No such check' }
  const { exitCode, stdout, stderr } = (await checks[name]?.(module)) ?? missing
  console.log(`${exitCode === 0 ? '✓' : '✗'} ${name} ${module}\n${stdout}${stderr}`.trimEnd())
  if (exitCode !== 0) process.exitCode = 1
}
