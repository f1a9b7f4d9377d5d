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
  // A date is random as a whole: in a month, nothing of it is as it was.
  ['2026-11-29T23:25:50+14:00', '2026-11-28T09:25:51Z', '2025-01-02T03:04:05Z', '2025-01-02T03:04:05Z'],
  [
    '2026-11-29 09:25:51.09 +0000 UTC m=+0.19',
    '2026-11-29 23:25:52.1 +1400 +14 m=+0.2',
    '2025-01-02 03:04:05.6 +0100 CET m=+1.5',
    '2025-01-02 03:04:05.6 +0100 CET m=+1.5',
  ],
  ['at=20261129092551', 'at=20261130232552', 'at=20250102030405', 'at=20250102030405'],
  ['v1-2026-11-29T09-25-51', 'v1-2026-11-29T09-25-52', 'v1-2025-01-02T03-04-05', 'v1-2025-01-02T03-04-05'],
  ['v2-2026-11-29', 'v2-2026-11-28', 'v1-2025-01-02', 'v2-2026-11-29'],
  ['29 Nov 26 09:25 UTC', '28 Nov 26 21:25 GMT', '02 Jan 25 03:04 UTC', '02 Jan 25 03:04 UTC'],
  [
    'Sun, 29 Nov 2026 09:25:51 UTC',
    'Sat, 28 Nov 2026 21:25:52 GMT',
    'Thu, 02 Jan 2025 03:04:05 UTC',
    'Thu, 02 Jan 2025 03:04:05 UTC',
  ],
  ['Sun Nov 29 09:25:51 2026', 'Sat Nov 28 21:25:52 2026', 'Thu Jan  2 03:04:05 2025', 'Thu Jan  2 03:04:05 2025'],
  ['10.0.0.1:80 aaaa', '10.0.0.1:80 bbbb', '10.0.0.2:80 cccc', '10.0.0.1:80 aaaa'],
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
