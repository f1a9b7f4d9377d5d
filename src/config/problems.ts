import { DevkError } from '../errors.ts'
import { count } from '../lib/text.ts'

/** A place in the configuration: keys and list indexes from its root. */
export type ConfigPath = readonly (string | number)[]

/** One thing that is wrong in a configuration. */
export interface Problem {
  readonly path: ConfigPath
  /** Continues the path as a sentence: `must be an absolute path, got "app"`. */
  readonly message: string
  /** What to write instead, or a question that suggests it. */
  readonly mend?: string | undefined
}

/** Line and column, both from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Where the keys of a configuration stand in its source text. */
export interface SourceMap {
  /** The key or list item at this path, or undefined when the text does not show it. */
  find(path: ConfigPath): Position | undefined
  /** Keys that are written more than once in one object. */
  readonly duplicates: readonly { readonly path: ConfigPath; readonly first: Position; readonly again: Position }[]
}

/** `services.backend.sync[0].to`: how a path is written in messages. */
export function formatPath(path: ConfigPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    if (!/^[\w$-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}

/** All problems as one CONFIG_INVALID: a line for each, and under it where it stands. `file` is shown as given. */
export function configInvalid(
  file: string,
  problems: readonly Problem[],
  locate: (path: ConfigPath) => Position | undefined,
): DevkError {
  const names = problems.map((problem) => formatPath(problem.path) || '(root)')
  const width = Math.min(40, Math.max(...names.map((name) => name.length)))
  const details = problems.flatMap((problem, index) => {
    const at = locate(problem.path)
    const mend = problem.mend === undefined ? '' : `; ${problem.mend}`
    const where = at === undefined ? file : `${file}:${at.line}:${at.column}`
    return [`${(names[index] ?? '').padEnd(width)}   ${problem.message}${mend}`, `${' '.repeat(width)}   at ${where}`]
  })
  return new DevkError('CONFIG_INVALID', `${file} has ${count(problems.length, 'problem')}`, {
    details,
    hint: 'Nothing was changed.',
  })
}
