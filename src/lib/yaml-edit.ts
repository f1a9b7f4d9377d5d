import { isSeq, parseDocument } from 'yaml'
import type { YamlPath } from './yaml.ts'

/**
 * A text in which the list at a path has one more item; the list is made if there is none. Comments and the other
 * values stay as they are written. undefined if the text does not parse, or has no list there.
 */
export function withListItem(text: string, path: YamlPath, item: unknown): string | undefined {
  const document = parseDocument(text, { keepSourceTokens: true })
  if (document.errors.length > 0) return undefined
  const list = document.getIn(path)
  if (list === undefined || list === null) document.setIn(path, document.createNode([item]))
  else if (isSeq(list)) list.add(document.createNode(item))
  else return undefined
  return document.toString({
    lineWidth: 0,
    indent: /^( +)\S/m.exec(text)?.[1]?.length ?? 2,
    indentSeq: !/^(\s*)[^\s#-][^\n]*:[^\S\n]*\n\1- /m.test(text),
    flowCollectionPadding: /[[{] +\S/.test(text),
  })
}
