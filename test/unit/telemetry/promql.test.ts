import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Metric } from '../../../src/telemetry/metric-families.ts'
import { panelsOf, quoted, selectorsOf } from '../../../src/telemetry/promql.ts'

const metric = (type: Metric['type'], more: Partial<Metric> = {}): Metric => ({
  name: 'm',
  type,
  help: null,
  unit: 's',
  ...more,
})
const shown = { service: '', by: '', interval: 60 }
const exprs = (...of: Parameters<typeof panelsOf>) =>
  panelsOf(...of).map(({ title, unit, queries }) => [title, unit, ...queries.map(({ expr }) => expr)])

test('a counter is a rate, and a gauge is as it is', () => {
  expect(exprs(metric('counter', { unit: 'bytes' }), shown)).toEqual([['Rate', 'Bps', 'rate({__name__="m"}[60s])']])
  expect(exprs(metric('gauge'), shown)).toEqual([['Value', 's', '{__name__="m"}']])
})

test('a service is named by the label of what is scraped, or by that of what is sent', () => {
  const of = { ...shown, service: 'api', by: 'path' }
  const all = (name: string) =>
    `rate({__name__="${name}",service="api"}[60s]) or rate({__name__="${name}",service_name="api"}[60s])`
  expect(exprs(metric('counter', { unit: 'short' }), of)).toEqual([['Rate', 'ops', `sum by (path) (${all('m')})`]])
  expect(exprs(metric('histogram'), of)[0]).toEqual([
    'Quantiles',
    's',
    ...[0.5, 0.95, 0.99].map((part) => `histogram_quantile(${part}, sum by (le, path) (${all('m_bucket')}))`),
  ])
})

test('a summary has its mean, its own quantiles, and how often it observes', () => {
  expect(exprs(metric('summary'), shown)).toEqual([
    ['Mean', 's', 'sum by () (rate({__name__="m_sum"}[60s])) / (sum by () (rate({__name__="m_count"}[60s])) > 0)'],
    ['Quantiles', 's', '{__name__="m"}'],
    ['Observations', 'ops', 'rate({__name__="m_count"}[60s])'],
  ])
})

test('selectors without names have every name, and names stand for themselves', () => {
  expect(selectorsOf([], '')).toEqual(['{__name__!=""}'])
  expect(selectorsOf(['a.b', 'c|d'], '')).toEqual([String.raw`{__name__=~"a\\.b|c\\|d"}`])
})

/** The strings of a query by the rules of PromQL, and what is left of it without them. */
function taken(query: string): { readonly strings: string[]; readonly rest: string } {
  const strings: string[] = []
  const rest = query.replace(/"((?:[^"\\\n]|\\(?:[abfnrtv\\"]|u[0-9a-f]{4}))*)"/g, (_, text: string) => {
    const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
    strings.push(
      text.replace(/\\(?:u([0-9a-f]{4})|(.))/g, (__, code: string | undefined, letter = '') =>
        code === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
      ),
    )
    return '""'
  })
  return { strings, rest }
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', "'", '`', '}', '{', '[', ')', '\0', '\u2028', '\ud800', '$', ','),
  }),
)

test('no text gets out of its string', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(taken(quoted(text))).toEqual({ strings: [text.toWellFormed()], rest: '""' })
    }),
  )
})

test('whatever a program and an address name, a query has the form of one with harmless names', () => {
  const types = fc.constantFrom('counter', 'gauge', 'histogram', 'summary') as fc.Arbitrary<Metric['type']>
  const label = hostile.filter((text) => !/^[a-zA-Z_]\w*$/.test(text) && text !== '')
  fc.assert(
    fc.property(types, hostile, hostile, label, (type, name, service, by) => {
      const formOf = (...[named, of]: [string, { service: string; by: string }]) =>
        panelsOf(metric(type, { name: named }), { ...of, interval: 60 }).flatMap(({ queries }) =>
          queries.map(({ expr }) => taken(expr).rest),
        )
      const harmless = { service: service === '' ? '' : 'api', by: 'a b' }
      expect(formOf(name, { service, by })).toEqual(formOf('m', harmless))
    }),
  )
})
