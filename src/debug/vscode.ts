import {
  applyEdits,
  type FormattingOptions,
  findNodeAtLocation,
  modify,
  type Node,
  type ParseError,
  parse,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import { DevkError } from '../errors.ts'
import { isRecord } from '../lib/record.ts'
import { type Attachable, launchName } from './launch.ts'

/** The file of VS Code, relative to the folder that is open in it. */
export const vscodeFile = '.vscode/launch.json'

const readable = { allowTrailingComma: true }
const workspace = `\${workspaceFolder}`

/** The entry of `configurations` that attaches to a debugger. Pure. */
export function vscodeEntry({ service, runtime, port, mappings }: Attachable): Record<string, unknown> {
  const folders = mappings.map(({ local, remote }) => {
    return { localRoot: local === '.' ? workspace : `${workspace}/${local}`, remoteRoot: remote }
  })
  const common = { name: launchName(service), request: 'attach' }
  if (runtime === 'python') {
    return { ...common, type: 'debugpy', connect: { host: '127.0.0.1', port }, pathMappings: folders }
  }
  if (runtime === 'ruby') {
    const localfsMap = folders.map(({ localRoot, remoteRoot }) => `${remoteRoot}:${localRoot}`).join(',')
    // Without `nonstop`, the program would stop at each start of the debugger.
    return { ...common, type: 'rdbg', debugPort: `127.0.0.1:${port}`, nonstop: true, ...(localfsMap && { localfsMap }) }
  }
  if (runtime === 'go') {
    const substitutePath = folders.map(({ localRoot, remoteRoot }) => ({ from: localRoot, to: remoteRoot }))
    return { ...common, type: 'go', mode: 'remote', debugAdapter: 'dlv-dap', host: '127.0.0.1', port, substitutePath }
  }
  if (runtime === 'jvm') return { ...common, type: 'java', hostName: '127.0.0.1', port }
  // It connects again after a save that starts the program again.
  const node = { type: 'node', address: '127.0.0.1', port, restart: true, skipFiles: ['<node_internals>/**'] }
  return { ...common, ...node, ...folders[0] }
}

/**
 * The text of launch.json with the entry. Comments, order, indentation and other entries stay; of an entry with the
 * same name, only the fields that devk writes change. Returns the same text if nothing is to change. Pure. Throws
 * USAGE, with the line, for a text that VS Code could not read either.
 */
export function withVscode(text: string | undefined, entry: Readonly<Record<string, unknown>>): string {
  const start =
    text === undefined || text.trim() === '' ? '{\n  "version": "0.2.0",\n  "configurations": []\n}\n' : text
  const given = read(start)
  const configurations = given.configurations ?? []
  if (!Array.isArray(configurations)) throw unreadable('`configurations` is not a list')
  const at = configurations.findIndex((each) => isRecord(each) && each.name === entry.name)
  const formattingOptions = formatOf(start)
  const edited = (old: string, path: (string | number)[], value: unknown) =>
    applyEdits(old, modify(old, path, value, { formattingOptions }))
  if (at < 0) {
    const whole = given.configurations === undefined ? edited(start, ['configurations'], []) : start
    const first = findNodeAtLocation(parseTree(whole, [], readable) as Node, ['configurations', 0])
    return first === undefined ? edited(whole, ['configurations', 0], entry) : before(whole, first.offset, entry)
  }
  const present = configurations[at] as Record<string, unknown>
  return Object.entries(entry)
    .filter(([key, value]) => JSON.stringify(present[key]) !== JSON.stringify(value))
    .reduce((old, [key, value]) => edited(old, ['configurations', at, key], value), start)
}

/** Puts the entry before the first one, so that every other character of the file stays as it is. */
function before(text: string, offset: number, entry: object): string {
  const { insertSpaces, tabSize = 2, eol = '\n' } = formatOf(text)
  const margin = /[ \t]*$/.exec(text.slice(0, offset))?.[0] ?? ''
  const written = JSON.stringify(entry, null, insertSpaces ? tabSize : '\t').replaceAll('\n', `${eol}${margin}`)
  return `${text.slice(0, offset)}${written},${eol}${margin}${text.slice(offset)}`
}

function read(text: string): Record<string, unknown> {
  const errors: ParseError[] = []
  const value: unknown = parse(text, errors, readable)
  const [first] = errors
  if (first !== undefined) {
    const line = text.slice(0, first.offset).split('\n').length
    throw unreadable(printParseErrorCode(first.error), line)
  }
  if (!isRecord(value)) throw unreadable('it is not an object')
  return value
}

function unreadable(why: string, line = 1): DevkError {
  return new DevkError('USAGE', `${vscodeFile}:${line} cannot be changed: ${why}`, {
    details: ['Nothing was changed.'],
    hint: 'Correct the file, or run devk debug without --write.',
  })
}

function formatOf(text: string): FormattingOptions {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  '
  const insertSpaces = !indent.startsWith('\t')
  return { insertSpaces, tabSize: insertSpaces ? indent.length : 4, eol: text.includes('\r\n') ? '\r\n' : '\n' }
}
