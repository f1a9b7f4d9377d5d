import type { Runner } from '../exec/runner.ts'

export type KubectlFact =
  | { readonly state: 'absent' }
  | { readonly state: 'real'; readonly version: string }
  /** A program of that name that picks among several, or that did not answer in time: some wait for a server on localhost:8080. */
  | { readonly state: 'wrapper'; readonly detail: string }

/** Asks the `kubectl` on PATH for its own version, which a real one tells at once and without a server. */
export async function kubectlFact(
  runner: Runner,
  signal: AbortSignal,
  patienceMs = 3000,
  command = 'kubectl',
): Promise<KubectlFact> {
  const args = ['version', '--client', '--output', 'json']
  const { exitCode, stdout } = await runner.run(command, args, { signal, timeoutMs: patienceMs })
  if (exitCode === 127) return { state: 'absent' }
  if (exitCode === 124) return { state: 'wrapper', detail: 'it does not tell its own version' }
  return judge(exitCode, stdout)
}

function judge(exitCode: number, stdout: string): KubectlFact {
  const version = exitCode === 0 ? gitVersion(stdout) : undefined
  if (version === undefined) return { state: 'wrapper', detail: `it ends with exit code ${exitCode}` }
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
    return undefined // Something else than kubectl's own words.
  }
}
