import type { Runner } from '../exec/runner.ts'
import { inRange } from '../lib/version.ts'
import type { Finding } from './finding.ts'

/** The helm on PATH, for a configuration that has charts. */
export interface HelmFact {
  /** `the release web`, or `the preset argo-cd`. */
  readonly neededBy: string
  /** `3.19.0`; undefined if there is no helm, or it does not tell. */
  readonly version: string | undefined
}

/** Asks helm for its version. */
export async function helmFact(runner: Runner, neededBy: string, signal: AbortSignal): Promise<HelmFact> {
  const { exitCode, stdout } = await runner.run('helm', ['version', '--short', '--client'], { signal, timeoutMs: 3000 })
  const version = exitCode === 0 ? /v(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] : undefined
  return { neededBy, version: version?.replace(/\+.*$/, '') }
}

/** Checks whether there is a helm that devk can use, if the configuration has charts. Pure. */
export function helmCheck(helm: HelmFact | undefined): Finding[] {
  if (helm === undefined) return []
  const base = { id: 'helm', title: 'Helm' } as const
  const { version, neededBy } = helm
  if (version !== undefined && inRange(version, '>=3')) return [{ ...base, level: 'ok', detail: `${version} on PATH` }]
  return [
    {
      ...base,
      level: 'fail',
      detail: version === undefined ? 'not on PATH' : `${version} is too old`,
      why: `${neededBy} is a chart, and devk renders charts with helm`,
      fix: { commands: [], by: 'hand', explain: 'install Helm 3 or newer (helm.sh/docs/intro/install)' },
    },
  ]
}
