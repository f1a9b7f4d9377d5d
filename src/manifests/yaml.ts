import { readFile } from 'node:fs/promises'
import { DevkError } from '../errors.ts'
import { isRecord } from '../lib/record.ts'
import { kubectlDocuments, type YamlDocument } from '../lib/yaml.ts'

/** What to do about the most frequent mistakes, by the parser's codes. */
const fixes: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces: YAML does not allow tabs there.',
  DUPLICATE_KEY: 'Remove one of the two, or rename it.',
  BAD_INDENT: 'Align it with its neighbours.',
  MISSING_CHAR: 'Close the quote or bracket, or put quotes around the value.',
  UNEXPECTED_TOKEN: 'Put quotes around the value, or correct the indentation.',
  NO_ANCHOR: 'Repeat the value, or put the anchor (&) into the same document: aliases do not reach over `---`.',
  ENDLESS_ALIAS: 'Repeat the value in place of the alias.',
  MERGE: 'Write a mapping or an alias of one behind <<, or put quotes around the key.',
  COLLECTION_KEY: 'Put quotes around the key, or around a value that begins with a brace or bracket.',
  TOO_LARGE: 'Use fewer aliases of aliases.',
  BLOCK_AS_IMPLICIT_KEY: 'Correct the indentation, or put quotes around a value that holds a colon.',
}

/**
 * The documents of a YAML stream as kubectl reads them, without empty ones. `file` is the name shown in errors.
 * Throws MANIFEST_INVALID with file:line:column for the first mistake of each document.
 */
export function parseYaml(text: string, file: string): YamlDocument[] {
  const read = kubectlDocuments(text)
  if ('documents' in read) return read.documents
  const where = read.mistakes.map(({ at, message }) =>
    at === undefined ? `${file}: ${message}` : `${file}:${at.line}:${at.column}: ${message}`,
  )
  throw new DevkError('MANIFEST_INVALID', `${file} is not valid YAML`, {
    details: where,
    hint: isTemplate(text) ? templateFix : (fixes[read.mistakes[0]?.code ?? ''] ?? 'Correct the YAML at that place.'),
  })
}

/** The mapping in the first document of a file; {} for a file that cannot be read, or that holds something else. */
export async function mappingIn(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const [first] = parseYaml(await readFile(file, 'utf8'), file)
    return isRecord(first?.value) ? first.value : {}
  } catch {
    return {}
  }
}

const templateFix =
  'It is a template ({{ }}): deploy its chart with deploy.helm, or name the other files in deploy.manifests.'

/** Whether a text has the actions of a Go template outside of quotes and comments. */
function isTemplate(text: string): boolean {
  return text.split('\n').some((line) => /^[^#'"]*\{\{/.test(line))
}
