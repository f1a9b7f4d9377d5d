import type { Runner, RunResult } from '../exec/runner.ts'

/**
 * Compiles the agent in the folder `source` for Linux on `arch` (Go's name of the architecture) and writes it to the
 * file `out`. The compiler runs at the lowest priority, so that it does not slow down `up`.
 */
export function compileAgent(
  runner: Runner,
  go: string,
  { source, arch, out }: { readonly source: string; readonly arch: string; readonly out: string },
  signal: AbortSignal,
): Promise<RunResult> {
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w']
  const env = { CGO_ENABLED: '0', GOOS: 'linux', GOARCH: arch, GOWORK: 'off' }
  return runner.run('nice', ['-n', '19', go, 'build', ...flags, '-o', out, '.'], { cwd: source, env, signal })
}
