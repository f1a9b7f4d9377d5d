import { expect, test } from 'vitest'
import { piecesOf } from '../../../web/ansi.ts'
import { appended, levelOf, traceIdOf } from '../../../web/log-lines.ts'
import { line } from '../../browser/support/states.ts'

test.each([
  ['ERROR database unreachable', 'error'],
  ['Traceback (most recent call last):', 'error'],
  ['{"time":"x","level":"warn","msg":"no error here"}', 'warning'],
  ['level=debug msg="error: none"', 'debug'],
  ['severity: INFO an error counter', 'info'],
  ['E0612 12:00:01.5 main.go:3] lost', 'error'],
  ['I0612 12:00:01.5 main.go:3] error budget', 'info'],
  ['\u001b[31mERROR\u001b[0m lost', 'error'],
  ['terrors and warnings of old', 'info'],
  ['', 'info'],
  [`${'x '.repeat(200)}ERROR`, 'info'],
  // A field tells it wherever it stands, also with a number: pino, OpenTelemetry, syslog.
  [`{"event":"${'level=debug '.repeat(30)}","level":"error"}`, 'error'],
  ['{"level":50,"msg":"x"}', 'error'],
  ['{"level":30,"msg":"error budget"}', 'info'],
  ['{"level":20,"msg":"x"}', 'debug'],
  ['{"level":4,"short_message":"x"}', 'warning'],
  ['{"SeverityNumber":17,"Body":"x"}', 'error'],
  ['{"SeverityText":"WARN","SeverityNumber":13,"Body":"x"}', 'warning'],
  ['{"level":"dpanic","msg":"x"}', 'error'],
  ['{"@t":"x","@mt":"x","@l":"Warning"}', 'warning'],
  ['{"@t":"x","@mt":"x"}', 'info'],
  ['{"LogLevel":"Critical","Message":"x"}', 'error'],
  ['{"log.level":"debug","message":"an error"}', 'debug'],
  ['{"log":{"level":"debug"},"message":"an error"}', 'debug'],
  ['{"levelname":"ERROR","message":"x"}', 'error'],
])('%s has the level %s', (text, level) => {
  expect(levelOf(line(text))).toBe(level)
})

test('of many lines the newest stay', () => {
  expect(appended([1, 2], [3], 3)).toEqual([1, 2, 3])
  expect(appended([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [11], 10)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11])
})

test('colours become classes, and everything else stays text', () => {
  expect(piecesOf('\u001b[1;32mok\u001b[0m <img src=x onerror=alert(1)>')).toEqual([
    { text: 'ok', className: 'ansi-green ansi-bold' },
    { text: ' <img src=x onerror=alert(1)>', className: '' },
  ])
})

test('of colours that the style sheet lacks, and of other sequences, nothing is left', () => {
  const pieces = piecesOf('\u001b[38;5;208morange\u001b[0m\u001b[2J\u001b[38;2;1;2;3mblack')
  expect(pieces.map(({ text }) => text).join('')).toBe('orangeblack')
  expect(pieces.map(({ className }) => className).join('')).toBe('')
})

const id = '0af7651916cd43dd8448eb211c80319c'

test.each([
  `failed trace_id=${id} span_id=b7ad6b7169203331`,
  `{"traceId":"${id.toUpperCase()}","msg":"x"}`,
  `\u001b[2mtrace-id\u001b[0m: ${id}`,
  `traceparent=00-${id}-b7ad6b7169203331-01`,
  `{"msg":"x","trace":{"id":"${id}"}}`,
  `{"msg":"x","trace.id":"${id}"}`,
  `{"@t":"x","@mt":"x","@tr":"${id}"}`,
  `{"message":"x","otelTraceID":"${id}"}`,
  `{"message":"x","logging.googleapis.com/trace":"projects/p/traces/${id}"}`,
  `{"msg":"x","context":{"request":{"trace_id":"${id}"}}}`,
  `{"msg":"trace_id=${'0'.repeat(31)}1","traceparent":"00-${id}-b7ad6b7169203331-01"}`,
])('the trace of a line is found: %s', (text) => {
  expect(traceIdOf(line(text))).toBe(id)
})

test.each([
  'span_id=b7ad6b7169203331',
  id,
  'trace_id=00',
  `trace_id=${id}0`,
  `{"msg":"x","trace_id":"${'0'.repeat(32)}"}`,
])('a line without a trace has none: %s', (text) => {
  expect(traceIdOf(line(text))).toBeUndefined()
})
