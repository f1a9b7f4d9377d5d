import type { Runner } from '../exec/runner.ts'
import type { Finding } from './finding.ts'

/** What fixes use. */
export interface FixDeps {
  readonly runner: Runner
  readonly root: boolean
  /** Asks the user; always true with --yes. */
  readonly agree: (question: string) => Promise<boolean>
  /** Installs and starts the engine. */
  readonly engine: () => Promise<void>
  readonly signal: AbortSignal
}

/** The result of one fix. */
export interface FixOutcome {
  readonly finding: Finding
  readonly outcome: 'done' | 'declined' | 'refused' | 'by hand'
  /** For `refused`, the output of the program; for `by hand`, what the user has to do. */
  readonly detail: string
}

/** Runs the fix of each finding that is not ok, in order. After a fix that fails, the others still run. */
export async function applyFixes(found: readonly Finding[], deps: FixDeps): Promise<FixOutcome[]> {
  const outcomes: FixOutcome[] = []
  for (const finding of found) {
    if (finding.level !== 'ok' && finding.fix !== undefined) outcomes.push(await applyFix(finding, deps))
  }
  return outcomes
}

async function applyFix(finding: Finding, { runner, root, agree, engine, signal }: FixDeps): Promise<FixOutcome> {
  const { commands = [], by = 'hand', explain = '' } = finding.fix ?? {}
  const lines = commands.map((argv) => argv.join(' '))
  if (by === 'hand') return { finding, outcome: 'by hand', detail: explain }
  if (!root) return { finding, outcome: 'by hand', detail: lines.map((line) => `sudo ${line}`).join(' && ') || explain }
  const question =
    by === 'engine' ? `${finding.title}: ${finding.detail}. ${explain}. Continue?` : `Run ${lines.join(' && ')}?`
  if (!(await agree(question))) return { finding, outcome: 'declined', detail: explain }
  if (by === 'engine') {
    await engine()
    return { finding, outcome: 'done', detail: explain }
  }
  for (const [command = '', ...args] of commands) {
    const { exitCode, stderr } = await runner.run(command, args, { signal })
    if (exitCode !== 0) {
      return { finding, outcome: 'refused', detail: stderr.trim() || `${command} ended with exit code ${exitCode}` }
    }
  }
  return { finding, outcome: 'done', detail: lines.join(' && ') }
}
