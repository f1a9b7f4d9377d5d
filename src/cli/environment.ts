/** What the surroundings say about the output, before any flag is known. Pure. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdinTTY: boolean
  readonly stdoutTTY: boolean
  readonly stderrTTY: boolean
  readonly width: number | undefined
}

/** A terminal that devk may redraw and ask on: not in CI, not dumb, and none of the three streams redirected. */
export function interactive({ env, stdinTTY, stdoutTTY, stderrTTY }: Surroundings): boolean {
  const ci = env.CI !== undefined && env.CI !== '' && env.CI !== 'false' && env.CI !== '0'
  return stdinTTY && stdoutTTY && stderrTTY && !ci && env.TERM !== 'dumb'
}

/** NO_COLOR (no-color.org) wins over FORCE_COLOR; else colours where both outputs are terminals. */
export function useColor(around: Surroundings, flag: boolean | undefined): boolean {
  if (flag === false || (around.env.NO_COLOR ?? '') !== '') return false
  if (around.env.FORCE_COLOR !== undefined) return around.env.FORCE_COLOR !== '0'
  return around.stdoutTTY && around.stderrTTY && interactive({ ...around, stdinTTY: true })
}

/** Columns to write for: the terminal's, else COLUMNS, else 80; never below 40. */
export function width({ env, width: terminal }: Surroundings): number {
  const wanted = terminal ?? Number(env.COLUMNS ?? 80)
  return Math.max(40, Number.isFinite(wanted) && wanted > 0 ? wanted : 80)
}
