import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { keepGenerated, markGenerated } from '../../../../src/manifests/helm/generated.ts'
import { keptText } from '../../../../src/manifests/helm/generated-text.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const secret = (fields: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's' },
  ...fields,
})
const origin = { file: 'chart', line: undefined }

/** The first rendering with the generated values of the existing object. */
function kept(first: KubeObject, second: KubeObject, existing: KubeObject): KubeObject {
  const [entry] = markGenerated([{ object: first, origin }], [{ object: second, origin }])
  return keepGenerated(first, entry?.generated ?? [], existing)
}

test('a generated password is the one of the cluster; a fixed value is that of the chart', () => {
  const data = (user: string, password: string) => secret({ data: { user: base64(user), password: base64(password) } })
  expect(kept(data('new', 'aaaa'), data('new', 'bbbb'), data('old', 'cccc'))).toEqual(data('new', 'cccc'))
})

test('stringData is compared with the data that the server made of it', () => {
  const written = (password: string) => secret({ stringData: { password } })
  expect(kept(written('aaaa'), written('bbbb'), secret({ data: { password: base64('cccc') } }))).toEqual(
    written('cccc'),
  )
})

test('bytes that are no text are kept as they are', () => {
  const bytes = (first: number) => secret({ data: { store: Buffer.from([first, 255, 254]).toString('base64') } })
  expect(kept(bytes(1), bytes(2), bytes(3))).toEqual(bytes(3))
})

test('a value that is new in the chart is generated', () => {
  const written = (password: string) => secret({ stringData: { password } })
  expect(kept(written('aaaa'), written('bbbb'), secret({ data: {} }))).toEqual(written('aaaa'))
})

test('an item of a list is found by its name', () => {
  const pod = (...env: object[]): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { env },
  })
  const seed = (value: string) => ({ name: 'SEED', value })
  const other = { name: 'A', value: '1' }
  expect(kept(pod(seed('a')), pod(seed('b')), pod(other, seed('c')))).toEqual(pod(seed('c')))
})

test('a field that changed after rendering is left alone', () => {
  const [entry] = markGenerated(
    [{ object: secret({ stringData: { password: 'aaaa' } }), origin }],
    [{ object: secret({ stringData: { password: 'bbbb' } }), origin }],
  )
  const changed = secret({ stringData: { password: 'mine' } })
  expect(keepGenerated(changed, entry?.generated ?? [], secret({ data: { password: base64('cccc') } }))).toEqual(
    changed,
  )
})

test.each([
  ['aaaa', 'bbbb', 'cccc', 'cccc'],
  // Random characters may be equal by chance.
  ['axxa', 'axyb', 'zzzz', 'zzzz'],
  ['postgres://ann:aaaa@db/x', 'postgres://ann:bbbb@db/x', 'postgres://ann:cccc@db/x', 'postgres://ann:cccc@db/x'],
  // The host changed: what is not in the chart any more must not stay.
  ['postgres://ann:aaaa@new/x', 'postgres://ann:bbbb@new/x', 'postgres://ann:cccc@old/x', 'postgres://ann:aaaa@new/x'],
  ['p=a!a;h=1', 'p=bb?;h=1', 'p=c+c/;h=1', 'p=c+c/;h=1'],
  ['u=aaaa&p=aaaa', 'u=bbbb&p=bbbb', 'u=cccc&q=cccc', 'u=aaaa&p=aaaa'],
])('%s, %s and in the cluster %s: %s', (first, second, current, result) => {
  expect(keptText(first, second, current)).toBe(result)
})

test('a line that changed is that of the chart; the password in another line is kept', () => {
  const text = (port: number, password: string) => `port=${port}\npassword=${password}\n`
  expect(keptText(text(2, 'aaaa'), text(2, 'bbbb'), text(1, 'cccc'))).toBe(text(2, 'cccc'))
})

test('a certificate is kept as a whole, next to a line that changed', () => {
  const pem = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`
  const text = (comment: string, body: string) => `${comment}\n${pem(body)}`
  const current = text('old', 'c+c\nccc==')
  expect(keptText(text('new', 'aa/\na=='), text('new', 'bbb\nb+=\nbb'), current)).toBe(text('new', 'c+c\nccc=='))
})
