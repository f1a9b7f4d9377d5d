import { reportIn } from '../in-container.ts'

/** The program under Delve, as `delve look` reports it; debuggers/go/look.go writes it. */
export interface GoReport {
  readonly pid: number
  readonly argv: readonly string[]
  readonly cwd: string
  /** `go1.26.1` */
  readonly go: string
  /** Flags of the compiler. */
  readonly flags: string
  /** Whether it has what debuggers need. */
  readonly symbols: boolean
  /** The file with the function main, as the compiler saw it; empty if it is unknown. */
  readonly main: string
}

/** Reads the report; undefined if the output has none. Pure. */
export function parseGoReport(output: string): GoReport | undefined {
  const value = reportIn(output)
  return Array.isArray(value?.argv) ? (value as unknown as GoReport) : undefined
}

/** Whether the compiler left the program as it was written: with `-N` and without inlining. Pure. */
export function isPlain({ flags }: Pick<GoReport, 'flags'>): boolean {
  return /(^|[\s=])-N(\s|$)/.test(flags) && /(^|[\s=])-l(\s|$)/.test(flags)
}
