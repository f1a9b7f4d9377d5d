import { isCi } from '../context.ts'

/** What is known about the terminal before the flags are parsed. */
export interface TerminalFacts {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdinTTY: boolean
  readonly stdoutTTY: boolean
  readonly stderrTTY: boolean
  /** Columns of the terminal; undefined if stdout is not one. */
  readonly width: number | undefined
}

/**
 * Whether devk may ask questions and redraw lines: all three streams are a terminal, and neither CI nor TERM=dumb is
 * set. Pure.
 */
export function interactive({ env, stdinTTY, stdoutTTY, stderrTTY }: TerminalFacts): boolean {
  return stdinTTY && stdoutTTY && stderrTTY && !isCi(env) && env.TERM !== 'dumb'
}

/**
 * Whether to write in colours. `flag` is false for --no-color. NO_COLOR (https://no-color.org) overrides FORCE_COLOR;
 * without either, devk writes in colours if both outputs are terminals. Pure.
 */
export function useColor(terminal: TerminalFacts, flag: boolean | undefined): boolean {
  if (flag === false || (terminal.env.NO_COLOR ?? '') !== '') return false
  if (terminal.env.FORCE_COLOR !== undefined) return terminal.env.FORCE_COLOR !== '0'
  return terminal.stdoutTTY && terminal.stderrTTY && interactive({ ...terminal, stdinTTY: true })
}

/** Columns to write for: those of the terminal, or COLUMNS, or 80, and at least 40. Pure. */
export function width({ env, width: columns }: TerminalFacts): number {
  const wanted = columns ?? Number(env.COLUMNS ?? 80)
  return Math.max(40, Number.isFinite(wanted) && wanted > 0 ? wanted : 80)
}
