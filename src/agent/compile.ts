import type { Runner, RunResult } from '../exec/runner.ts'

/** What is compiled, and where to. */
interface Compilation {
  readonly source: string
  readonly arch: string
  readonly out: string
  /** Settings of Go. */
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Compiles the agent, or another program of devk, in the folder `source` for Linux on `arch` (in the words of Go) and
 * writes it to the file `out`. The compiler runs at the lowest priority, so that it does not slow down `up`.
 */
export function compileAgent(
  runner: Runner,
  go: string,
  { source, arch, out, env = {} }: Compilation,
  signal: AbortSignal,
): Promise<RunResult> {
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w']
  const all = { ...env, CGO_ENABLED: '0', GOOS: 'linux', GOARCH: arch, GOWORK: 'off' }
  return runner.run('nice', ['-n', '19', go, 'build', ...flags, '-o', out, '.'], { cwd: source, env: all, signal })
}
