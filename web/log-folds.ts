import { plainText } from './log-fields.ts'
import { levelOf, type ShownLine } from './log-lines.ts'

/** Lines that belong together: a stack trace below what it is about. Everything here is pure. */

/** A line, with the lines of the stack trace that it begins. */
export interface Entry {
  readonly line: ShownLine
  readonly rest: readonly ShownLine[]
}

/** An entry while lines may still join it. */
interface Group {
  readonly line: ShownLine
  readonly rest: ShownLine[]
  language: 'go' | 'rust' | 'python' | undefined
  isTrace: boolean
}

const python = /^Traceback \(most recent call last\)/
const go = /^(?:panic: |fatal error: |goroutine \d+ \[)/
const rust = /^thread '.*' (?:\(\d+\) )?panicked at /
/** A call in a stack trace: of Java, JavaScript and .NET; Python; Go; Ruby; PHP; Rust. */
const call = new RegExp(
  [
    String.raw`^\s+at [\w<$./\[{(@]`,
    String.raw`^\s+File ".*", line \d`,
    String.raw`^\t\S.*\.(?:go|s):\d+`,
    String.raw`^\s+from .+:\d+:in `,
    String.raw`^#\d+ .+`,
    String.raw`^\s+\d+: \S`,
  ].join('|'),
)
/** Lines of stack traces that begin where other lines begin. */
const goesOn =
  /^(?:Caused by: |Suppressed: |\.\.\. \d+ |Stack trace:|#\d+ |note: run with |stack backtrace:|[}\])]+[;,]?$)/
const goesOnInGo = /^(?:goroutine \d+ |created by |exit status \d|\[signal |$)/
const another = /^(?:During handling of the above|The above exception was)/

/** What a line begins with that may be a part of a stack trace of any language: most lines need no other look. */
const special =
  /^(?:\s|$|Traceback|panic|fatal|goroutine|thread|Caused|Suppressed|\.\.\. |[Ss]tack|#\d|note|[}\])]|During|The)/

/** The entries of these lines, in the order of their first lines. Lines of other containers may stand between. */
export function entriesOf(lines: readonly ShownLine[]): Entry[] {
  const groups: Group[] = []
  const last = new Map<string, Group>()
  for (const line of lines) {
    const text = plainText(line.text)
    const group = last.get(line.stream)
    const isSpecial = special.test(text)
    if (group !== undefined && (isSpecial || group.language !== undefined) && joins(group, text)) {
      group.rest.push(line)
      if (python.test(text)) group.language = 'python'
      group.isTrace ||= group.language !== undefined || call.test(text)
    } else {
      const made: Group = { line, rest: [], language: isSpecial ? languageOf(text) : undefined, isTrace: false }
      last.set(line.stream, made)
      groups.push(made)
    }
  }
  return groups.some(({ rest }) => rest.length > 0) ? unfolded(groups) : groups
}

/** Lines that only look as if they went on, such as a table with indented rows, are entries of their own. */
function unfolded(groups: readonly Group[]): Entry[] {
  const isWhole = ({ rest, isTrace }: Group) => isTrace || rest.length === 0
  if (groups.every(isWhole)) return [...groups]
  return groups
    .flatMap((group) =>
      isWhole(group) ? [group] : [group.line, ...group.rest].map((line): Entry => ({ line, rest: [] })),
    )
    .sort((one, other) => one.line.id - other.line.id)
}

function languageOf(text: string): Group['language'] {
  return python.test(text) ? 'python' : go.test(text) ? 'go' : rust.test(text) ? 'rust' : undefined
}

function joins(group: Group, text: string): boolean {
  if (/^\s+\S/.test(text) || goesOn.test(text)) return true
  if (group.language === 'go') return goesOnInGo.test(text) || (text.endsWith(')') && /^\S+\(/.test(text))
  if (group.language === 'rust' && group.rest.length === 0) return text !== ''
  return joinsPython(group, text)
}

/** The line that a trace is about, the calls, the exception; then perhaps an empty line and the next trace. */
function joinsPython({ line, rest, language }: Group, text: string): boolean {
  const [before, ...more] = rest.slice(-2).reverse()
  if (python.test(text)) {
    const isNext = [before, ...more].some((each) => each !== undefined && another.test(plainText(each.text)))
    return isNext || (before === undefined && language === undefined && levelOf(line) === 'error')
  }
  if (language !== 'python' || before === undefined) return false
  return /^\s+\S/.test(before.text) || text === '' || another.test(text)
}

/** The lines of these entries in the order in which they came. */
export function linesOf(entries: readonly Entry[]): ShownLine[] {
  return entries.flatMap(({ line, rest }) => [line, ...rest]).sort((one, other) => one.id - other.id)
}
