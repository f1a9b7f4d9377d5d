import { extname } from 'node:path'
import { DevkError } from '../errors.ts'
import { lenientValue } from '../lib/yaml.ts'
import { isTooDeep, mostLevels, tooDeepAt } from './depth.ts'

type Place = { readonly line: number; readonly column: number } | undefined

/**
 * Parses JSON or YAML, by the extension of `file`. `shown` is the file name in messages. Throws CONFIG_INVALID with the
 * position of a syntax error.
 */
export function parseData(text: string, file: string, shown: string): unknown {
  // The parser of YAML calls itself for each level.
  const bracket = tooDeepAt(text)
  const isJson = extname(file) === '.json'
  if (bracket !== undefined && !isJson) throw tooDeep(shown, bracket)
  const value = isJson ? parseJson(text, shown) : parseYaml(text, shown)
  if (isTooDeep(value)) throw tooDeep(shown, bracket)
  return value
}

function parseJson(text: string, shown: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreadable(shown, (cause as Error).message.replaceAll(/\s+/g, ' '), cause)
  }
}

function parseYaml(text: string, shown: string): unknown {
  // Duplicate keys are reported together with the other problems, not as a syntax error.
  const read = lenientValue(text)
  if ('value' in read) return read.value
  const { at, message, cause } = read.mistake
  throw unreadable(placed(shown, at), message, cause)
}

function tooDeep(shown: string, at: Place): DevkError {
  return unreadable(placed(shown, at), `it has more than ${mostLevels} levels`, undefined)
}

function placed(shown: string, at: Place): string {
  return at === undefined ? shown : `${shown}:${at.line}:${at.column}`
}

function unreadable(where: string, why: string, cause: unknown): DevkError {
  return new DevkError('CONFIG_INVALID', `${where} cannot be read: ${why}`, { hint: 'Nothing was changed.', cause })
}
