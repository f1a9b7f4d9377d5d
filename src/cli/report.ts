import { DevkError } from '../errors.ts'
import { colors } from '../lib/colors.ts'
import { indented, wrap } from '../lib/wrap.ts'

export interface ReportOptions {
  readonly columns: number
  readonly color: boolean
  readonly verbose: boolean
  readonly version: string
}

/** What `--json` prints on stdout instead of a result. Documented, stable. */
export interface ErrorJson {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly details: readonly string[]
    readonly hint: string | null
  }
}

/** 0 to 255: a failure's own code, 70 for a defect in devk. */
export function exitCodeOf(error: unknown): number {
  return error instanceof DevkError ? error.exitCode : 70
}

/** The text for people: headline, where it comes from, what to do. Ends in a line break; empty for an interruption, which needs no words. */
export function errorText(error: unknown, options: ReportOptions): string {
  if (!(error instanceof DevkError)) return defectText(error, options)
  if (error.code === 'INTERRUPTED') return ''
  const { bold, red } = colors(options.color)
  const [first = '', ...more] = wrap(error.message, Math.max(20, options.columns - 2))
  const lines = [`${red('✖')} ${bold(first)}`, ...more.map((line) => `  ${bold(line)}`)]
  const body = [
    ...error.details.flatMap((detail) => indented(detail, 2, options.columns)),
    ...(error.hint === undefined ? [] : indented(error.hint, 2, options.columns)),
    ...(options.verbose ? causes(error).flatMap((line) => indented(`caused by: ${line}`, 2, options.columns)) : []),
  ]
  return `${[...lines, ...(body.length > 0 ? ['', ...body] : [])].join('\n')}\n`
}

export function errorJson(error: unknown): ErrorJson {
  if (error instanceof DevkError) {
    const { code, message, details, hint } = error
    return { error: { code, message, details, hint: hint ?? null } }
  }
  const { message, stack } = asError(error)
  return { error: { code: 'DEFECT', message, details: stack.split('\n'), hint: null } }
}

function defectText(error: unknown, options: ReportOptions): string {
  const { bold, red } = colors(options.color)
  const { message, stack } = asError(error)
  return [
    `${red('✖')} ${bold(`A defect in devk: ${message}`)}`,
    '',
    ...stack.split('\n').map((line) => `  ${line}`),
    '',
    ...indented(
      `This is not your fault. Please report it with the lines above to the maintainers of devk ${options.version}, and say what you ran.`,
      2,
      options.columns,
    ),
    '',
  ].join('\n')
}

function asError(error: unknown): { message: string; stack: string } {
  return error instanceof Error
    ? { message: error.message, stack: error.stack ?? error.message }
    : { message: String(error), stack: String(error) }
}

function causes(error: Error): string[] {
  const found: string[] = []
  for (let cause = error.cause; cause instanceof Error && found.length < 10; cause = cause.cause)
    found.push(cause.message)
  return found
}
