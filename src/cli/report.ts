import { DevkError } from '../errors.ts'
import { colors } from '../lib/colors.ts'
import { indented, wrap } from '../lib/wrap.ts'

/** How an error is shown. */
export interface ReportOptions {
  /** Width to wrap lines at. */
  readonly columns: number
  readonly color: boolean
  /** Also show the causes of the error. */
  readonly verbose: boolean
  /** Version of devk, for bug reports. */
  readonly version: string
}

/** What `--json` prints on stdout in place of a result. Documented, stable. */
export interface ErrorJson {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly details: readonly string[]
    readonly hint: string | null
  }
}

/** The exit code for an error, 0 to 255: its own, or 70 for a bug in devk. */
export function exitCodeOf(error: unknown): number {
  return error instanceof DevkError ? error.exitCode : 70
}

/**
 * The report of an error for people: the message with its code, the details, and the hint. It ends with a line break.
 * Empty for an interruption: the user knows about it.
 */
export function errorText(error: unknown, options: ReportOptions): string {
  if (!(error instanceof DevkError)) return bugText(error, options)
  if (error.code === 'INTERRUPTED') return ''
  const body = [
    ...error.details.flatMap((detail) => indented(detail, 2, options.columns)),
    ...(error.hint === undefined ? [] : indented(error.hint, 2, options.columns)),
    ...(options.verbose ? causes(error).flatMap((line) => indented(`caused by: ${line}`, 2, options.columns)) : []),
  ]
  const lines = [...headline(error.message, error.code, options), ...(body.length > 0 ? ['', ...body] : [])]
  return `${lines.join('\n')}\n`
}

/** The error as JSON. A bug in devk has the code DEFECT and its stack as details. */
export function errorJson(error: unknown): ErrorJson {
  if (error instanceof DevkError) {
    const { code, message, details, hint } = error
    return { error: { code, message, details, hint: hint ?? null } }
  }
  const { message, stack } = asError(error)
  return { error: { code: 'DEFECT', message, details: stack.split('\n'), hint: null } }
}

function bugText(error: unknown, options: ReportOptions): string {
  const { message, stack } = asError(error)
  const request =
    'This is a bug in devk, not your mistake. Please report it with the lines above, ' +
    `the version (devk ${options.version}) and the command that you ran.`
  return [
    ...headline(`Internal error: ${message}`, 'DEFECT', options),
    '',
    ...stack.split('\n').map((line) => `  ${line}`),
    '',
    ...indented(request, 2, options.columns),
    '',
  ].join('\n')
}

/** The message, wrapped, with the code behind its last word: people search for it, docs/errors.md explains it. */
function headline(message: string, code: string, { columns, color }: ReportOptions): string[] {
  const { bold, dim, red } = colors(color)
  const tag = `[${code}]`
  return wrap(`${message} ${tag}`, Math.max(20, columns - 2)).map((line, index) => {
    const words = line.endsWith(tag) ? line.slice(0, -tag.length) : line
    const end = words === line ? '' : dim(tag)
    return `${index === 0 ? red('✖') : ' '} ${words === '' ? '' : bold(words)}${end}`
  })
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
