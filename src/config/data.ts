import { extname } from 'node:path'
import { parseDocument } from 'yaml'
import { DevkError } from '../errors.ts'

/** The value of a JSON or YAML configuration. Throws CONFIG_INVALID with the line of a syntax error. */
export function parseData(text: string, file: string, shown: string): unknown {
  if (extname(file) === '.json') {
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw unreadable(shown, (cause as Error).message.replaceAll(/\s+/g, ' '), cause)
    }
  }
  // Keys that are written twice are reported with the other problems, not as a syntax error.
  const document = parseDocument(text, { uniqueKeys: false, merge: true, logLevel: 'silent' })
  const error = document.errors[0]
  if (error) {
    const at = error.linePos?.[0]
    const where = at === undefined ? shown : `${shown}:${at.line}:${at.col}`
    throw unreadable(where, error.message.split('\n')[0] ?? '', error)
  }
  return document.toJS()
}

function unreadable(where: string, why: string, cause: unknown): DevkError {
  return new DevkError('CONFIG_INVALID', `${where} cannot be read: ${why}`, { hint: 'Nothing was changed.', cause })
}
