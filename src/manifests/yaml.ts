import { isNode, LineCounter, parseAllDocuments, parseDocument, type Tags } from 'yaml'
import { DevkError } from '../errors.ts'

/** One document of a YAML stream, as JSON, and the line it starts on. */
export interface YamlDocument {
  readonly value: unknown
  readonly line: number
}

/** What to do about the mistakes people make most; the parser's own words say what they are. */
const mends: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces: YAML does not allow tabs there.',
  DUPLICATE_KEY: 'Remove one of the two, or rename it.',
  BAD_INDENT: 'Align it with its neighbours.',
  MISSING_CHAR: 'Close the quote or bracket, or put quotes around the value.',
  UNEXPECTED_TOKEN: 'Put quotes around the value, or correct the indentation.',
  BLOCK_AS_IMPLICIT_KEY: 'Correct the indentation, or put quotes around a value that holds a colon.',
}

/**
 * kubectl reads YAML 1.1 through Go's yaml.v2 (checked against kubectl 1.34): `on`, `yes` and `y` are booleans and `012` is ten,
 * but 12:30 and 2001-01-01 stay text. This is that dialect, so that devk applies what kubectl would apply.
 */
const asKubectl = (tags: Tags): Tags =>
  tags.filter((tag) => {
    if (typeof tag === 'string') return true
    if (/:(timestamp|set|omap|pairs|binary)$/.test(tag.tag)) return false
    return !('format' in tag && tag.format === 'TIME')
  })

/**
 * The documents of a YAML stream; empty ones are left out. `file` is the name shown in errors.
 * Throws MANIFEST_INVALID with file:line:column for the first mistake of each document.
 */
export function parseYaml(text: string, file: string): YamlDocument[] {
  const lines = new LineCounter()
  const options = { version: '1.1', schema: 'yaml-1.1', customTags: asKubectl, prettyErrors: false } as const
  const parsed = parseAllDocuments(text, { ...options, lineCounter: lines })
  const documents = 'empty' in parsed ? [] : parsed
  const mistakes = documents.flatMap((document) => document.errors.slice(0, 1))
  const [first] = mistakes
  if (first !== undefined) {
    const where = mistakes.map((mistake) => {
      const { line, col } = lines.linePos(mistake.pos[0])
      return `${file}:${line}:${col}: ${mistake.message}`
    })
    throw new DevkError('MANIFEST_INVALID', `${file} is not valid YAML`, {
      details: where,
      hint: mends[first.code] ?? 'Correct the YAML at that place.',
    })
  }
  return documents.flatMap((document) => {
    const value: unknown = document.toJS()
    const start = document.contents?.range?.[0] ?? document.range[0]
    return value === null ? [] : [{ value, line: lines.linePos(start).line }]
  })
}

/** The line of the value at a path in the first document of a text that parses; 1 where there is none. */
export function lineAt(text: string, path: readonly (string | number)[]): number {
  const lines = new LineCounter()
  const node = parseDocument(text, { lineCounter: lines }).getIn(path, true)
  return isNode(node) && node.range ? lines.linePos(node.range[0]).line : 1
}
