import { expect, test } from 'vitest'
import { additionalCertificates } from '../../../src/kit/certificates.ts'

const block = (body: string, eol = '\n'): string =>
  ['-----BEGIN CERTIFICATE-----', body, '-----END CERTIFICATE-----', ''].join(eol)

test('certificates that the image lacks are added once, whatever their comments and line ends', () => {
  const bundle = `# corporate\n${block('CORP', '\r\n')}${block('KNOWN')}${block('CORP')}`
  expect(additionalCertificates(bundle, `${block('KNOWN')}${block('OTHER')}`)).toEqual([block('CORP')])
})

test('a machine without a CA bundle adds no certificates', () => {
  expect(additionalCertificates('', block('KNOWN'))).toEqual([])
})
