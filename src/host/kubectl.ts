import type { Runner } from '../exec/runner.ts'

/** The kubectl on PATH. */
export type KubectlFact =
  | { readonly state: 'absent' }
  | { readonly state: 'real'; readonly version: string }
  /**
   * A program that chooses among several versions, or that did not answer in time: some wait for a server on
   * localhost:8080.
   */
  | { readonly state: 'wrapper'; readonly detail: string }

/** Asks a kubectl for its version. A real kubectl answers at once, without a server. */
export async function kubectlFact(
  runner: Runner,
  signal: AbortSignal,
  patienceMs = 3000,
  command = 'kubectl',
): Promise<KubectlFact> {
  const args = ['version', '--client', '--output', 'json']
  const { exitCode, stdout } = await runner.run(command, args, { signal, timeoutMs: patienceMs })
  if (exitCode === 127) return { state: 'absent' }
  if (exitCode === 124) return { state: 'wrapper', detail: 'it does not print its version' }
  return judge(exitCode, stdout)
}

function judge(exitCode: number, stdout: string): KubectlFact {
  const version = exitCode === 0 ? gitVersion(stdout) : undefined
  if (version === undefined) return { state: 'wrapper', detail: `it exits with code ${exitCode}` }
  if (!/^v\d+\.\d+\.\d+([-+](alpha|beta|rc|gke|eks)[.\w-]*)?$/.test(version))
    return { state: 'wrapper', detail: version }
  return { state: 'real', version: version.slice(1) }
}

function gitVersion(json: string): string | undefined {
  try {
    const parsed = JSON.parse(json) as { clientVersion?: { gitVersion?: unknown } } | null
    const version = parsed?.clientVersion?.gitVersion
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined // Not the output of kubectl.
  }
}
