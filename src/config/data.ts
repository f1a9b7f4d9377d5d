import { extname } from 'node:path'
import { DevkError } from '../errors.ts'
import { lenientValue } from '../lib/yaml.ts'

/**
 * Parses JSON or YAML, by the extension of `file`. `shown` is the file name in messages. Throws CONFIG_INVALID with the
 * position of a syntax error.
 */
export function parseData(text: string, file: string, shown: string): unknown {
  if (extname(file) === '.json') {
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw unreadable(shown, (cause as Error).message.replaceAll(/\s+/g, ' '), cause)
    }
  }
  // Duplicate keys are reported together with the other problems, not as a syntax error.
  const read = lenientValue(text)
  if ('value' in read) return read.value
  const { at, message, cause } = read.mistake
  throw unreadable(at === undefined ? shown : `${shown}:${at.line}:${at.column}`, message, cause)
}

function unreadable(where: string, why: string, cause: unknown): DevkError {
  return new DevkError('CONFIG_INVALID', `${where} cannot be read: ${why}`, { hint: 'Nothing was changed.', cause })
}
