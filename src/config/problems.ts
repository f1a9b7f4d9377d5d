import { DevkError } from '../errors.ts'
import { count } from '../lib/text.ts'

/** A path in the configuration: keys and list indexes, from the root. */
export type ConfigPath = readonly (string | number)[]

/** A problem of a configuration. */
export interface Problem {
  readonly path: ConfigPath
  /** Completes a sentence that starts with the path: `must be an absolute path, got "app"`. */
  readonly message: string
  /** How to fix it, or a question that suggests it: `did you mean "app"?`. */
  readonly fix?: string | undefined
}

/** A line and a column, both counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** The positions of the keys of a configuration in its source text. */
export interface SourceMap {
  /** The position of the key or list item at this path; undefined if it is not known. */
  find(path: ConfigPath): Position | undefined
  /** Keys that occur more than once in an object. */
  readonly duplicates: readonly { readonly path: ConfigPath; readonly first: Position; readonly again: Position }[]
}

/** Formats a path for messages: `services.backend.sync[0].to`. */
export function formatPath(path: ConfigPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    if (!/^[\w$-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}

/** A CONFIG_INVALID error with two lines for each problem: what is wrong, and where. `file` is the name to show. */
export function configInvalid(
  file: string,
  problems: readonly Problem[],
  locate: (path: ConfigPath) => Position | undefined,
): DevkError {
  const names = problems.map((problem) => formatPath(problem.path) || '(root)')
  const width = Math.min(40, Math.max(...names.map((name) => name.length)))
  const details = problems.flatMap((problem, index) => {
    const at = locate(problem.path)
    const fix = problem.fix === undefined ? '' : `; ${problem.fix}`
    const where = at === undefined ? file : `${file}:${at.line}:${at.column}`
    return [`${(names[index] ?? '').padEnd(width)}   ${problem.message}${fix}`, `${' '.repeat(width)}   at ${where}`]
  })
  return new DevkError('CONFIG_INVALID', `${file} has ${count(problems.length, 'problem')}`, {
    details,
    hint: 'Nothing was changed.',
  })
}
