import { existsSync, readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { setValues, withTextFiles } from '../../../../src/manifests/helm/values.ts'

const fileOf = (set: Parameters<typeof setValues>[0]) => JSON.parse(setValues(set).file ?? '{}')

test('nothing in a value has a meaning: neither commas nor braces, quotes, backslashes or numbers', () => {
  const values = ['a,b=c', '{a,b}', 'C:\\dir', '"quoted"', '0123', 'true', 'null', '', ' ', '# no comment', '{{ x }}']
  for (const value of values) expect(fileOf({ 'app.text': value })).toEqual({ app: { text: value } })
})

test('numbers, booleans and null keep their types', () => {
  expect(fileOf({ replicas: 2, debug: true, port: null })).toEqual({ replicas: 2, debug: true, port: null })
})

test('a key is a path; a backslash keeps a dot', () => {
  const set = { 'image.tag': '1', 'image.name': 'web', 'node.kubernetes\\.io/os': 'linux' }
  expect(fileOf(set)).toEqual({ image: { tag: '1', name: 'web' }, node: { 'kubernetes.io/os': 'linux' } })
})

test('a key with an index is an argument, which helm does not split; its text is in a private file', async () => {
  const { file, args, texts } = setValues({ 'hosts[0].name': 'a,b', 'hosts[0].port': 80 })
  expect([file, args, texts]).toEqual([undefined, ['--set-json', 'hosts[0].port=80'], [['hosts[0].name', 'a,b']]])
  const path = await withTextFiles(texts, async ([flag, pair = '']) => {
    const [, written = ''] = /^hosts\[0\]\.name=(.*)$/.exec(pair) ?? []
    expect([flag, readFileSync(written, 'utf8'), statSync(written).mode & 0o777]).toEqual(['--set-file', 'a,b', 0o600])
    return written
  })
  expect(existsSync(path)).toBe(false)
})
