/** The fields of a structured line: an object in JSON, or logfmt. Everything here is pure. */

/** Values by their names; fields of nested objects have names such as `http.status`. */
export type Fields = ReadonlyMap<string, string>

/** What programs name in many ways. */
export type Role = 'message' | 'level' | 'time' | 'trace'

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours in logs begin with ESC
const colours = /\u001b\[[0-9;]*m/g
/** How many fields of a line are read, and how deep. */
const most = 100
const deepest = 4

/**
 * Names in lower case, the better one first: of pino, zap, logrus, slog, structlog, Serilog, .NET, tracing, ECS, GELF
 * and OpenTelemetry.
 */
const ranks: Readonly<Record<Role, ReadonlyMap<string, number>>> = {
  message: ranked(
    'msg message @m renderedmessage event body body.stringvalue fields.message @mt messagetemplate short_message',
  ),
  level: ranked(
    'level severity severitytext severity_text levelname loglevel log_level log.level lvl @l severitynumber severity_number',
  ),
  time: ranked('time timestamp @timestamp ts @t datetime timeunixnano asctime'),
  trace: ranked('trace_id traceid trace-id trace.id oteltraceid @tr traceparent logging.googleapis.com/trace'),
}

function ranked(names: string): ReadonlyMap<string, number> {
  return new Map(names.split(' ').map((name, rank) => [name, rank]))
}

/** A text without its colours. */
export function plainText(text: string): string {
  return text.includes('\u001b') ? text.replace(colours, '') : text
}

/** The fields of a line; undefined for any other text, such as JSON that was cut. */
export function fieldsOf(text: string): Fields | undefined {
  const plain = plainText(text).trim()
  const fields = plain.startsWith('{') && plain.endsWith('}') ? jsonFields(plain) : logfmtFields(plain)
  return fields !== undefined && fields.size > 0 ? fields : undefined
}

function jsonFields(text: string): Fields | undefined {
  const fields = new Map<string, string>()
  try {
    // A number of 16 digits or more may lose some of them, such as the ID of a span.
    add(fields, '', /\d{16}/.test(text) ? JSON.parse(text, asWritten) : JSON.parse(text))
  } catch {
    // No JSON, or so deep that it has no text.
    return undefined
  }
  return fields
}

/** Numbers that the browser cannot hold stay as they are written, where it tells how. */
function asWritten(_name: string, value: unknown, ...[context]: readonly { readonly source?: string }[]): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) ? (context?.source ?? value) : value
}

function add(fields: Map<string, string>, path: string, value: unknown): void {
  const isNested = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (isNested && path.split('.').length < deepest) {
    for (const [name, each] of Object.entries(value)) add(fields, path === '' ? name : `${path}.${name}`, each)
  } else if (fields.size < most) {
    fields.set(path, typeof value === 'string' ? value : JSON.stringify(value))
  }
}

/** `level=info msg="a text"`: two pairs or more, and nothing else. */
function logfmtFields(text: string): Fields | undefined {
  if (!/^[\w.@/-]+=/.test(text)) return undefined
  const pair = /([\w.@/-]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?:\s+|$)/y
  const fields = new Map<string, string>()
  while (pair.lastIndex < text.length && fields.size < most) {
    const [, name, value] = pair.exec(text) ?? []
    if (name === undefined || value === undefined) return undefined
    fields.set(name, value.startsWith('"') ? unquoted(value) : value)
  }
  return fields.size > 1 ? fields : undefined
}

function unquoted(value: string): string {
  try {
    return JSON.parse(value) as string
  } catch {
    return value.slice(1, -1)
  }
}

/** The name and the value of the field that has this role. */
export function fieldFor(fields: Fields, role: Role): readonly [name: string, value: string] | undefined {
  let best: { readonly rank: number; readonly field: readonly [string, string] } | undefined
  for (const field of fields) {
    const rank = field[1] === '' ? undefined : rankOf(field[0].toLowerCase(), role)
    if (rank !== undefined && rank < (best?.rank ?? Number.POSITIVE_INFINITY)) best = { rank, field }
  }
  return best?.field
}

/** The better a name is, the lower. A trace is named at any depth: `context.trace_id`. */
function rankOf(name: string, role: Role): number | undefined {
  const rank = ranks[role].get(name)
  return rank === undefined && role === 'trace' && /[._]trace[_-]?id$/.test(name) ? ranks.trace.size : rank
}

/** The ID of the trace in a value: 32 hexadecimal digits that are not all zeros. */
export function traceIn(value: string): string | undefined {
  const id = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/i.exec(value)?.[0].toLowerCase()
  return id === undefined || /^0+$/.test(id) ? undefined : id
}

/** The time in a value: RFC 3339 with its zone, or seconds, milliseconds, and so on, since 1970. */
export function timeIn(value: string): Date | undefined {
  const number = /^\d{9,19}(?:\.\d+)?$/.test(value) ? Number(value) : undefined
  const unit = number === undefined ? 1 : ([1e11, 1e14, 1e17].findIndex((limit) => number < limit) + 4) % 4
  const isZoned = /^\d{4}-\d\d-\d\d[T ].*(?:Z|[+-]\d\d:?\d\d)$/.test(value)
  const ms = number === undefined ? (isZoned ? Date.parse(value) : Number.NaN) : number * 1000 ** (1 - unit)
  return Number.isNaN(ms) ? undefined : new Date(ms)
}
