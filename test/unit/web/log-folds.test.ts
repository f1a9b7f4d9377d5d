import { expect, test } from 'vitest'
import { entriesOf, linesOf } from '../../../web/log-folds.ts'
import type { ShownLine } from '../../../web/log-lines.ts'
import { line } from '../../browser/support/states.ts'

const numbered = (texts: readonly string[], pod = 'a'): ShownLine[] =>
  texts.map((text, id) => ({ ...line(text, { pod }), id, stream: pod }))

/** The first lines of the entries, each with how many lines it has in all. */
const folded = (...texts: readonly string[]) =>
  entriesOf(numbered(texts)).map((entry) => `${entry.rest.length + 1} ${entry.line.text}`)

test.each<[string, readonly string[]]>([
  [
    'Java',
    [
      'Exception in thread "main" java.lang.IllegalStateException: no',
      '\tat com.acme.Main.run(Main.java:3)',
      '\tat com.acme.Main.main(Main.java:9)',
      'Caused by: java.io.IOException: lost',
      '\t... 1 more',
    ],
  ],
  [
    'JavaScript',
    [
      'Error: connect ECONNREFUSED',
      '    at Socket.<anonymous> (/app/x.js:3:9)',
      '    at /app/y.js:1:1 {',
      "  code: 'X'",
      '}',
    ],
  ],
  ['.NET', ['Unhandled exception. System.Exception: no', '   at Acme.Main() in /app/Main.cs:line 3']],
  [
    'Python',
    ['Traceback (most recent call last):', '  File "/app/a.py", line 3, in f', '    g()', '    ^^^', 'ValueError: no'],
  ],
  [
    'Python, below what it is about, with the one before',
    [
      'ERROR:root:failed',
      'Traceback (most recent call last):',
      '  File "/app/a.py", line 3, in f',
      'KeyError: 1',
      '',
      'During handling of the above exception, another exception occurred:',
      '',
      'Traceback (most recent call last):',
      '  File "/app/a.py", line 5, in g',
      'ValueError: no',
    ],
  ],
  [
    'Go',
    [
      'panic: no',
      '',
      'goroutine 1 [running]:',
      'net/http.(*conn).serve(0xc0001)',
      '\t/go/server.go:3 +0x1d',
      'exit status 2',
    ],
  ],
  ['Ruby', ["/app/a.rb:3:in `f': no (RuntimeError)", "\tfrom /app/a.rb:9:in `<main>'"]],
  [
    'PHP',
    ['PHP Fatal error:  Uncaught Exception: no in /app/a.php:3', 'Stack trace:', '#0 /app/a.php(9): f()', '#1 {main}'],
  ],
  [
    'Rust',
    [
      "thread 'main' panicked at src/main.rs:2:5:",
      'no',
      'stack backtrace:',
      '   0: rust_begin_unwind',
      '             at /rustc/a.rs:1:1',
    ],
  ],
])('a stack trace of %s is one entry, and the lines around it are their own', (_language, trace) => {
  expect(folded('before', ...trace, 'after', 'and after')).toEqual([
    '1 before',
    `${trace.length} ${trace[0]}`,
    '1 after',
    '1 and after',
  ])
})

test('a trace of Python is not about a line that is well', () => {
  const trace = ['Traceback (most recent call last):', '  File "/app/a.py", line 3, in f', 'ValueError: no']
  expect(folded('GET / 200', ...trace, 'GET / 500')).toEqual(['1 GET / 200', `3 ${trace[0]}`, '1 GET / 500'])
})

test('indented lines without a call stay lines, in their order', () => {
  expect(folded('Routes:', '  GET /', '  POST /', '}', '', 'ready')).toEqual([
    ...['1 Routes:', '1   GET /', '1   POST /', '1 }', '1 ', '1 ready'],
  ])
})

test('lines of another pod that come between belong to their own trace', () => {
  const lines = ['Error: one', '    at f (/a.js:1:1)', '    at g (/a.js:1:1)'].flatMap((text, index) => [
    { ...line(text), id: index * 2, stream: 'a' },
    { ...line(`of b ${index}`), id: index * 2 + 1, stream: 'b' },
  ])
  const entries = entriesOf(lines)
  expect(entries.map((entry) => [entry.line.text, entry.rest.length])).toEqual([
    ['Error: one', 2],
    ['of b 0', 0],
    ['of b 1', 0],
    ['of b 2', 0],
  ])
  expect(linesOf(entries)).toEqual(lines)
})

test('what a hostile program writes takes no longer than other lines', () => {
  const texts = ['', '(', ' ', '\t', '#1 ', '{', '['].map((text) => text.repeat(64_000))
  const flood = Array.from({ length: 20_000 }, () => '')
  const entries = entriesOf(numbered(['panic: x', ...texts, 'Traceback (most recent call last):', '  x', ...flood]))
  expect(linesOf(entries)).toHaveLength(texts.length + flood.length + 3)
})
