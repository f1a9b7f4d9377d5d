import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parse,
  parseAllDocuments,
  parseDocument,
  type ScalarTag,
  stringify,
  type Tags,
} from 'yaml'

/** A place in a text; both numbers start at 1. */
export interface YamlPosition {
  readonly line: number
  readonly column: number
}

/** A mistake that the parser found in a text. */
export interface YamlMistake {
  /** undefined where the parser gives none. */
  readonly at: YamlPosition | undefined
  /** One of the parser's codes: https://eemeli.org/yaml/#errors */
  readonly code: string
  readonly message: string
  /** The parser's error. */
  readonly cause: Error
}

/** Keys and indices from the root of a document to a value. */
export type YamlPath = readonly (string | number)[]

/** The value of a YAML 1.2 text. Throws the parser's error. */
export function yamlValue(text: string): unknown {
  return parse(text)
}

/** A value as YAML that kubectl reads as the same value: it takes a plain `n` or `off` for a boolean. */
export function manifestText(value: unknown): string {
  return stringify(value, { version: '1.1', schema: 'yaml-1.1', aliasDuplicateObjects: false })
}

/** A value as YAML. */
export function yamlText(value: unknown): string {
  return stringify(value)
}

/**
 * The value of a text in which a key may be written twice (the last one counts) and `<<` merges; or the first mistake
 * in it.
 */
export function lenientValue(text: string): { readonly value: unknown } | { readonly mistake: YamlMistake } {
  const lines = new LineCounter()
  return orTooDeep(
    (): { readonly value: unknown } | { readonly mistake: YamlMistake } => {
      const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, merge: true, logLevel: 'silent' })
      const [error] = document.errors
      if (error === undefined) {
        const mistake = structureMistake(document, lines)
        return mistake === undefined ? { value: document.toJS({ maxAliasCount: -1 }) } : { mistake }
      }
      const at = error.linePos?.[0]
      const position = at === undefined ? undefined : { line: at.line, column: at.col }
      return { mistake: { at: position, code: error.code, message: error.message.split('\n')[0] ?? '', cause: error } }
    },
    (mistake) => ({ mistake }),
  )
}

/** The parser calls itself for each level, so that a text of thousands of levels ends it. */
function orTooDeep<T>(read: () => T, failed: (mistake: YamlMistake) => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return failed({ at: undefined, code: 'TOO_DEEP', message: 'has too many levels', cause: error })
  }
}

/** More than in any real file; go-yaml, which kubectl uses, refuses about as many. */
const mostValues = 400_000

function isMergeKey(key: unknown): key is Node {
  return isScalar(key) && key.source === '<<' && key.type === 'PLAIN'
}

/**
 * The first alias or key that cannot be read: an alias without an anchor in its document, within its own anchor, or one
 * that makes the document too large; a merge of what is no mapping; a key that is a mapping or a list.
 */
function structureMistake(document: { readonly contents: unknown }, lines: LineCounter): YamlMistake | undefined {
  const anchors = new Map<string, unknown>()
  const open = new Set<unknown>()
  const sizes = new Map<unknown, number>()
  let mistake: YamlMistake | undefined
  const fail = (alias: Node, code: string, message: string): number => {
    const { line, col } = lines.linePos(alias.range?.[0] ?? 0)
    mistake ??= { at: { line, column: col }, code, message, cause: new Error(message) }
    return 0
  }
  const target = (node: unknown) => (isAlias(node) ? anchors.get(node.source) : node)
  const sizeOf = (node: unknown): number => {
    if (mistake !== undefined) return 0
    if (isAlias(node)) {
      const anchor = target(node)
      if (anchor === undefined) return fail(node, 'NO_ANCHOR', `Alias *${node.source} has no anchor in this document`)
      if (open.has(anchor)) return fail(node, 'ENDLESS_ALIAS', `Alias *${node.source} is part of its own anchor`)
      return sizes.get(anchor) ?? 1
    }
    if (!isNode(node)) return 1
    const isAnchor = 'anchor' in node && typeof node.anchor === 'string'
    if (isAnchor) anchors.set(node.anchor as string, node)
    open.add(node)
    let size = 1
    const add = (inner: unknown) => {
      size += sizeOf(inner)
      if (size > mostValues && isAlias(inner)) fail(inner, 'TOO_LARGE', 'The aliases stand for too many values')
    }
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (isMap(target(key)) || isSeq(target(key))) fail(key as Node, 'COLLECTION_KEY', 'A mapping or list is no key')
        ;[key, value].forEach(add)
        const sources = isSeq(target(value)) ? (target(value) as { items: unknown[] }).items : [value]
        if (isMergeKey(key) && !sources.every((source) => isMap(target(source))))
          fail(key, 'MERGE', '<< merges mappings, and this is none')
      }
    }
    if (isSeq(node)) node.items.forEach(add)
    open.delete(node)
    if (isAnchor) sizes.set(node, size)
    return size
  }
  sizeOf(document.contents)
  return mistake
}

/** Where a key or a list item is written; `again` when its map has the same key further up. */
export interface YamlEntry {
  readonly path: YamlPath
  readonly at: YamlPosition
  readonly again: boolean
}

/**
 * All keys and list items of a YAML or JSON text (JSON is YAML) below `base`, in the order of the text; aliases are
 * followed.
 */
export function yamlEntries(text: string, base: YamlPath): YamlEntry[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'silent' })
  const entries: YamlEntry[] = []
  const add = (node: unknown, path: YamlPath, again: boolean) => {
    const { line, col } = lines.linePos((node as Node).range?.[0] ?? 0)
    entries.push({ path, at: { line, column: col }, again })
  }
  const visit = (node: unknown, path: YamlPath): void => {
    const target = isAlias(node) ? node.resolve(document) : node
    if (isMap(target)) {
      const seen = new Set<string>()
      for (const pair of target.items) {
        if (!isScalar(pair.key)) continue
        const key = String(pair.key.value)
        add(pair.key, [...path, key], seen.has(key))
        seen.add(key)
        visit(pair.value, [...path, key])
      }
    } else if (isSeq(target)) {
      for (const [index, item] of target.items.entries()) {
        add(item, [...path, index], false)
        visit(item, [...path, index])
      }
    }
  }
  visit(document.getIn(base, true), [])
  return entries
}

/**
 * kubectl reads YAML 1.1 through Go's yaml.v2 (checked against kubectl 1.34): `on`, `yes` and `y` are booleans and
 * `012` is ten, but 12:30 and 2001-01-01 stay text. This is that dialect, so that devk applies what kubectl would
 * apply.
 */
const kubectlTags = (tags: Tags): Tags =>
  tags
    .filter((tag) => {
      if (typeof tag === 'string') return true
      if (/:(timestamp|set|omap|pairs|binary)$/.test(tag.tag)) return false
      return !('format' in tag && tag.format === 'TIME')
    })
    .map((tag) => (typeof tag !== 'string' && /:(float|int)$/.test(tag.tag) ? numberOrText(tag as ScalarTag) : tag))

/** What is written in digits, and is too large for a number, is text. */
const numberOrText = (tag: ScalarTag): ScalarTag => ({
  ...tag,
  resolve(text, ...more) {
    const found = tag.resolve(text, ...more)
    const value: unknown = isScalar(found) ? found.value : found
    return typeof value === 'number' && !Number.isFinite(value) && /\d/.test(text) ? text : found
  },
})

/** One document of a YAML stream, as JSON, and the line it starts on. */
export interface YamlDocument {
  readonly value: unknown
  readonly line: number
}

/** The documents of a YAML stream as kubectl reads them, without empty ones; or the first mistake of each document. */
export function kubectlDocuments(text: string): { documents: YamlDocument[] } | { mistakes: YamlMistake[] } {
  const lines = new LineCounter()
  const options = {
    version: '1.1',
    schema: 'yaml-1.1',
    customTags: kubectlTags,
    prettyErrors: false,
    logLevel: 'silent',
  } as const
  type Read = { documents: YamlDocument[] } | { mistakes: YamlMistake[] }
  return orTooDeep(
    (): Read => {
      const parsed = parseAllDocuments(text, { ...options, lineCounter: lines })
      const documents = 'empty' in parsed ? [] : parsed
      const mistakes = documents.flatMap((document): YamlMistake[] => {
        const [error] = document.errors
        if (error === undefined) return [structureMistake(document, lines)].filter((mistake) => mistake !== undefined)
        const { line, col } = lines.linePos(error.pos[0])
        return [{ at: { line, column: col }, code: error.code, message: error.message, cause: error }]
      })
      if (mistakes.length > 0) return { mistakes }
      const found = documents.flatMap((document) => {
        const value: unknown = document.toJS({ maxAliasCount: -1 })
        const start = document.contents?.range?.[0] ?? document.range[0]
        return value === null ? [] : [{ value, line: lines.linePos(start).line }]
      })
      return { documents: found }
    },
    (mistake) => ({ mistakes: [mistake] }),
  )
}

/** The line of the value at a path in the first document of a text that parses; 1 where there is none. */
export function yamlLine(text: string, path: YamlPath): number {
  const lines = new LineCounter()
  const node = parseDocument(text, { lineCounter: lines }).getIn(path, true)
  return isNode(node) && node.range ? lines.linePos(node.range[0]).line : 1
}
