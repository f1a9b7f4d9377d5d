import { expect, test } from 'vitest'
import { additionalCertificates } from '../../../src/kit/certificates.ts'

const block = (body: string, eol = '\n'): string =>
  ['-----BEGIN CERTIFICATE-----', body, '-----END CERTIFICATE-----', ''].join(eol)

test('certificates the image does not know are added once, comments and line ends aside', () => {
  const bundle = `# corporate\n${block('CORP', '\r\n')}${block('KNOWN')}${block('CORP')}`
  expect(additionalCertificates(bundle, `${block('KNOWN')}${block('OTHER')}`)).toEqual([block('CORP')])
})

test('a machine without a bundle adds nothing', () => {
  expect(additionalCertificates('', block('KNOWN'))).toEqual([])
})
