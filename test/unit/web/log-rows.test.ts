import { expect, test } from 'vitest'
import { fileName, jsonLinesOf, textOf } from '../../../web/log-download.ts'
import { entriesOf } from '../../../web/log-folds.ts'
import { fieldsIn } from '../../../web/log-lines.ts'
import { messageOf, moreOf, namesOf, rowsOf } from '../../../web/log-rows.ts'
import { line } from '../../browser/support/states.ts'

const entries = entriesOf(
  [
    '\u001b[31mplain\u001b[0m',
    '{"msg":"failed\\n at once","err":{"stack":"Error: no\\n    at f (/x.js:1)\\n    at g (/x.js:2)"}}',
    'Error: lost',
    '    at f (/x.js:1:1)',
  ].map((text, id) => ({ ...line(text), id, stream: 'a' })),
)

test('a line that is open shows its fields, or its stack trace, below it', () => {
  expect(rowsOf(entries, new Set())).toBe(entries)
  const texts = rowsOf(entries, new Set([1, 2])).map((row) =>
    'key' in row ? `${row.field?.name ?? ''}|${row.text}` : row.line.id,
  )
  expect(texts).toEqual([
    0,
    1,
    'msg|failed',
    '| at once',
    'err.stack|Error: no',
    '|    at f (/x.js:1)',
    '|    at g (/x.js:2)',
    2,
    '|    at f (/x.js:1:1)',
  ])
  expect(entries.map(moreOf)).toEqual([0, 3, 1])
})

test('as columns a structured line is its message, and its fields have names', () => {
  const messages = entries.map((entry) => messageOf(entry.line, fieldsIn(entry.line)))
  expect(messages).toEqual(['\u001b[31mplain\u001b[0m', 'failed …', 'Error: lost'])
  expect(namesOf(entries)).toEqual(['err.stack', 'msg'])
})

test('a download has each line that is shown, also those that are folded', () => {
  const text = textOf(entries)
  const start = '2026-11-29T12:00:01.5Z backend backend-6d4-xk2p9'
  expect(text.split('\n')).toEqual([
    `${start} plain`,
    expect.stringContaining('"msg"'),
    `${start} Error: lost`,
    `${start}     at f (/x.js:1:1)`,
    '',
  ])
  const objects = jsonLinesOf(entries).trimEnd().split('\n')
  expect(objects.map((each) => JSON.parse(each))).toEqual(
    entries.flatMap((entry) => [entry.line, ...entry.rest]).map(({ text: each }) => line(each)),
  )
})

test('a text that is downloaded does nothing to a terminal', () => {
  const [only] = entriesOf([{ ...line('a\u001b]0;x\u0007\u009b2J\u202eb\tc\rd'), id: 1, stream: 'a' }])
  expect(textOf(only === undefined ? [] : [only])).toMatch(/ a\\u001b\]0;x\\u0007\\u009b2J\\u202eb\tc\\u000dd\n$/)
})

test('the name of a download is a name of a file', () => {
  const now = new Date('2026-11-30T01:10:00.123Z')
  expect(fileName('todo', now, 'txt')).toBe('todo-logs-2026-11-30T01-10-00Z.txt')
  expect(fileName('../../<a> b', now, 'jsonl')).toBe('..-..-a-b-logs-2026-11-30T01-10-00Z.jsonl')
})
