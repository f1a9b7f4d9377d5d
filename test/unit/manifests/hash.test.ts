import { expect, test } from 'vitest'
import { canonicalJson, contentHash, withHash } from '../../../src/manifests/hash.ts'

test('the order of keys and undefined values do not change the hash, and the order of lists does', () => {
  expect(canonicalJson({ b: [1, { d: 1, c: 'x' }], a: undefined })).toBe('{"b":[1,{"c":"x","d":1}]}')
  expect(contentHash({ a: 1, b: 2 }, 'k')).toBe(contentHash({ b: 2, a: 1 }, 'k'))
  expect(contentHash([1, 2], 'k')).not.toBe(contentHash([2, 1], 'k'))
})

test('the same content has another hash with another key', () => {
  expect(contentHash('hunter2', 'k')).not.toBe(contentHash('hunter2', 'l'))
})

test('the hash covers everything except its own label', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { x: 'y' } }, data: { k: 'v' } }
  const hashed = withHash(object, 'key')
  expect(hashed.metadata.labels).toEqual({ x: 'y', 'devk.dev/hash': expect.stringMatching(/^[0-9a-f]{32}$/) })
  expect(withHash(hashed, 'key')).toEqual(hashed)
  expect(withHash({ ...hashed, data: { k: 'w' } }, 'key')).not.toEqual(hashed)
})
