import { expect, test } from 'vitest'
import { agreedName, isWithin, localNames, withLocalNames } from '../../../../src/presets/tls/names.ts'

test.each([
  ['shop.localhost', true],
  ['*.shop.localhost', true],
  ['*.localhost', true],
  ['db.internal', true],
  ['a.test', true],
  ['app.example.com', false],
  ['notlocalhost', false],
  ['evil-localhost.example', false],
  ['localhost.example.com', false],
  ['latest', false],
])('%s is a local name: %s', (host, isLocal) => {
  expect(isWithin(host, localNames)).toBe(isLocal)
})

test('a name covers itself, the hosts below it and the star below it, and nothing above or beside it', () => {
  const hosts = ['example.com', 'app.example.com', '*.example.com', 'badexample.com', 'com', '*.com']
  expect(hosts.filter((host) => isWithin(host, ['example.com']))).toEqual(hosts.slice(0, 3))
})

test.each([
  ['app.example.com', 'app.example.com'],
  ['App.Example.COM.', 'app.example.com'],
  ['*.example.com', 'example.com'],
  ['münchen.example', 'xn--mnchen-3ya.example'],
  ['com', undefined],
  ['*.com', undefined],
  ['127.0.0.1', undefined],
  ['::1', undefined],
  ['1.2', undefined],
  ['https://example.com', undefined],
  ['example.com:443', undefined],
  ['-a.example.com', undefined],
  ['a b.example.com', undefined],
  [`${'a'.repeat(64)}.example.com`, undefined],
  ['', undefined],
  ['.', undefined],
])('the name that a user means with %s is %s', (text, name) => {
  expect(agreedName(text)).toBe(name)
})

test('the names of an authority for named hosts contain the local ones, each once', () => {
  expect(withLocalNames(['test', 'example.com'])).toEqual(['example.com', 'internal', 'localhost', 'test'])
})
