import { expect, test } from 'vitest'
import { type OutSpan, otlpRequest, traceParent } from '../../../src/telemetry/otlp.ts'

const span: OutSpan = {
  trace: 'ab'.repeat(16),
  id: 'cd'.repeat(8),
  parent: undefined,
  name: 'save of web',
  isClient: false,
  start: 1_795_953_601_500.25,
  end: 1_795_953_601_519.5,
  problem: undefined,
  attributes: { 'devk.save': 3, 'devk.kind': 'sync' },
}

test('spans have the names, numbers and times of OTLP in JSON', () => {
  const child = { ...span, id: 'ef'.repeat(8), parent: span.id, isClient: true, problem: 'no answer', attributes: {} }
  expect(otlpRequest([span, child], { 'service.name': 'devk' })).toEqual({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'devk' } }] },
        scopeSpans: [
          {
            scope: { name: 'devk' },
            spans: [
              {
                traceId: span.trace,
                spanId: span.id,
                name: 'save of web',
                kind: 1,
                startTimeUnixNano: '1795953601500250000',
                endTimeUnixNano: '1795953601519500000',
                attributes: [
                  { key: 'devk.save', value: { doubleValue: 3 } },
                  { key: 'devk.kind', value: { stringValue: 'sync' } },
                ],
                status: { code: 0 },
              },
              expect.objectContaining({
                parentSpanId: span.id,
                kind: 3,
                status: { code: 2, message: 'no answer' },
              }),
            ],
          },
        ],
      },
    ],
  })
})

test('a request carries the place of its span as W3C Trace Context has it', () => {
  expect(traceParent(span)).toBe(`00-${span.trace}-${span.id}-01`)
})
