import { expect, test } from 'vitest'
import { fieldFor, fieldsOf, type Role, timeIn, traceIn } from '../../../web/log-fields.ts'

const read = (text: string) => Object.fromEntries(fieldsOf(text) ?? [])

test('an object in JSON has fields, those of nested objects too', () => {
  const text =
    '{"msg":"GET /","http":{"status":500,"headers":{"a":"b"}},"tags":["x",1],"ok":true,"none":null,"empty":""}'
  expect(read(text)).toEqual({
    msg: 'GET /',
    'http.status': '500',
    'http.headers.a': 'b',
    tags: '["x",1]',
    ok: 'true',
    none: 'null',
    empty: '',
  })
})

test('a number that the browser cannot hold stays as it is written', () => {
  expect(read('{"id":1234567890123456789,"n":1.5}')).toEqual({ id: '1234567890123456789', n: '1.5' })
})

test('logfmt has fields, with quoted values and colours', () => {
  expect(read('\u001b[36mtime\u001b[0m="2026-11-29T12:00:01Z" level=info msg="say \\"hi\\"" n= path=/a?b=c')).toEqual({
    time: '2026-11-29T12:00:01Z',
    level: 'info',
    msg: 'say "hi"',
    n: '',
    path: '/a?b=c',
  })
})

test.each([
  '',
  'plain text',
  'a=b',
  'a=b and then words',
  'words and a=b c=d',
  'a="b c=d',
  '{"msg":"cut of',
  '{"msg":1} more',
  '{}',
  '[1,2]',
  '"text"',
  'null',
  'http://a/?b=c&d=e f=g',
])('%s is plain text', (text) => {
  expect(fieldsOf(text)).toBeUndefined()
})

test('names of an attacker are names, and a line has no more than a hundred fields', () => {
  const fields = fieldsOf('{"__proto__":{"x":"1"},"constructor":"2","toString":"3"}')
  expect([...(fields ?? [])]).toEqual([
    ['__proto__.x', '1'],
    ['constructor', '2'],
    ['toString', '3'],
  ])
  expect(fieldsOf(JSON.stringify(Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`n${n}`, n]))))?.size).toBe(
    100,
  )
  expect(fieldsOf(`{"a":${'{"a":'.repeat(9)}1${'}'.repeat(10)}`)?.size).toBe(1)
  expect(() => fieldsOf(`{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`)).not.toThrow()
})

test.each<[string, Partial<Record<Role, string>>]>([
  ['{"level":30,"time":1796040001500,"pid":1,"msg":"pino"}', { level: '30', time: '1796040001500', message: 'pino' }],
  ['{"level":"info","ts":1796040001.5,"caller":"a.go:1","msg":"zap"}', { time: '1796040001.5', message: 'zap' }],
  ['{"level":"info","msg":"logrus","time":"2026-11-29T12:00:01Z"}', { level: 'info', message: 'logrus' }],
  ['time=2026-11-29T12:00:01Z level=INFO msg=slog', { time: '2026-11-29T12:00:01Z', message: 'slog', level: 'INFO' }],
  ['{"event":"structlog","level":"info","timestamp":"t"}', { message: 'structlog', time: 't' }],
  ['{"@t":"t","@mt":"{A} of","@m":"Serilog","@l":"Error"}', { message: 'Serilog', level: 'Error', time: 't' }],
  ['{"Timestamp":"t","Level":"Error","MessageTemplate":"{A}","RenderedMessage":"Serilog"}', { message: 'Serilog' }],
  [
    '{"Timestamp":"1","SeverityText":"INFO","Body":"OTel","TraceId":"x"}',
    { message: 'OTel', trace: 'x', level: 'INFO' },
  ],
  ['{"timeUnixNano":"1","severityNumber":9,"body":{"stringValue":"OTLP"}}', { message: 'OTLP', level: '9', time: '1' }],
  ['{"timestamp":"t","level":"INFO","fields":{"message":"tracing"},"target":"a"}', { message: 'tracing' }],
  ['{"message":"","msg":"not empty"}', { message: 'not empty' }],
])('what programs name in their own ways is found: %s', (text, wanted) => {
  const fields = fieldsOf(text)
  if (fields === undefined) throw new Error('no fields')
  const found = Object.keys(wanted).map((role) => [role, fieldFor(fields, role as Role)?.[1]])
  expect(Object.fromEntries(found)).toEqual(wanted)
})

test.each([
  ['2026-11-29T12:00:01.5Z', '2026-11-29T12:00:01.500Z'],
  ['2026-11-29T13:00:01.123456789+01:00', '2026-11-29T12:00:01.123Z'],
  ['1795953601', '2026-11-29T12:00:01.000Z'],
  ['1795953601.5', '2026-11-29T12:00:01.500Z'],
  ['1795953601500', '2026-11-29T12:00:01.500Z'],
  ['1795953601500000', '2026-11-29T12:00:01.500Z'],
  ['1795953601500000000', '2026-11-29T12:00:01.500Z'],
  // Without a zone nobody knows it.
  ['2026-11-29 12:00:01,500', undefined],
  ['12', undefined],
  ['', undefined],
])('the time %s', (value, wanted) => {
  expect(timeIn(value)?.toISOString()).toBe(wanted)
})

test('the ID of a trace has 32 digits', () => {
  expect(traceIn('0AF7651916cd43dd8448eb211c80319c')).toBe('0af7651916cd43dd8448eb211c80319c')
  expect(traceIn('0af7651916cd43dd8448eb211c80319c0')).toBeUndefined()
})
