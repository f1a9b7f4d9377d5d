import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type GuardRules, judge } from '../../../src/forward/request-guard.ts'

const page: GuardRules = { hosts: ['abc.tunnel.example', '*.shop.example'], checksOrigin: true }
const service: GuardRules = { ...page, checksOrigin: false }
const request = (headers: readonly string[], start = 'GET / HTTP/1.1') =>
  Buffer.from([start, ...headers, '', ''].join('\r\n'))

test.each([
  'localhost:3000',
  'LOCALHOST',
  'localhost.',
  'grafana.localhost:8080',
  '127.0.0.1:3000',
  '127.1.2.3',
  '[::1]:3000',
  'shop.test',
  'db.internal:9200',
  'abc.tunnel.example',
  'a.shop.example:80',
])('a request for %s passes', (host) => {
  expect(judge(request([`Host: ${host}`]), page)).toBe('pass')
})

test.each([
  'evil.example',
  'localhost.evil.example',
  'evil-localhost',
  '127.0.0.1.evil.example',
  '0.0.0.0:3000',
  '10.0.0.1',
  'shop.example',
  'xabc.tunnel.example',
  '',
])('a request for "%s" is refused with the host and the fix', (host) => {
  const verdict = judge(request([`hOSt:  ${host} `]), service)
  expect(verdict).toEqual({ refusal: expect.stringMatching(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*allowedHosts/) })
})

test('several hosts are refused', () => {
  expect(judge(request(['Host: localhost', 'Host: evil.example']), service)).toMatchObject({
    refusal: expect.stringContaining('400 Bad Request'),
  })
})

test.each([
  ['a page of another origin', ['Origin: https://evil.example']],
  ['a page without an origin', ['Origin: null']],
  ['an image of another site', ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors']],
])('%s reaches no preset, but a service', (_, headers) => {
  const sent = request(['Host: localhost:9090', ...headers], 'POST /-/quit HTTP/1.1')
  expect(judge(sent, page)).toMatchObject({ refusal: expect.stringContaining('403 Forbidden') })
  expect(judge(sent, service)).toBe('pass')
})

test.each([
  [['Origin: http://localhost:30080']],
  [['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate']],
  [['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: cors']],
])('a page of this machine, and a link from elsewhere, reach a preset: %j', (headers) => {
  expect(judge(request(['Host: localhost:3000', ...headers]), page)).toBe('pass')
})

test('other protocols pass with their first byte', () => {
  for (const bytes of [
    [0x16, 3, 1],
    [0, 0, 0, 8],
    [0x2a],
    [...Buffer.from('PRI * HTTP/2.0')],
    [...Buffer.from('get /')],
  ])
    expect(judge(Buffer.from(bytes), page)).toBe('pass')
})

test('a head that arrives in pieces has the verdict of the whole, and is not passed on before', () => {
  const headers = fc.constantFrom('Accept: a', 'Host: evil.example', 'Host: localhost', 'Origin: https://evil.example')
  fc.assert(
    fc.property(fc.array(headers, { maxLength: 3 }), (lines) => {
      const whole = request(lines)
      for (let length = 1; length < whole.length; length += 1)
        expect(judge(whole.subarray(0, length), page)).toBe('more')
      expect(judge(Buffer.concat([whole, Buffer.from('body')]), page)).toEqual(judge(whole, page))
    }),
  )
})

test('a head without an end is refused', () => {
  const endless = Buffer.from(`GET / HTTP/1.1\r\nA: ${'x'.repeat(20_000)}`)
  expect(judge(endless, service)).toMatchObject({ refusal: expect.stringContaining('431') })
})
