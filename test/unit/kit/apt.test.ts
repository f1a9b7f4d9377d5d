import { expect, test } from 'vitest'
import { accessSettings, debianSources, imageSources } from '../../../src/kit/apt.ts'

const deb822 = `Types: deb
# a comment
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.test/debian-security
Suites: bookworm-security
Components: main contrib
`

test('both formats of APT sources are read on every release', () => {
  const lines =
    'deb [signed-by=/k.gpg] http://old.test/debian trixie main non-free\n# deb http://off.test/debian trixie main\n'
  expect(debianSources([deb822, lines])).toEqual([
    { uri: 'http://mirror.test/debian', pocket: '' },
    { uri: 'http://mirror.test/debian', pocket: '-updates' },
    { uri: 'http://mirror.test/debian-security', pocket: '-security' },
    { uri: 'http://old.test/debian', pocket: '' },
  ])
})

test('sources of other vendors, source packages and disabled entries are left out', () => {
  const others = [
    'deb http://tools.test/apt cloud-bookworm main',
    'deb http://ubuntu.test/ubuntu noble main',
    'deb-src http://mirror.test/debian bookworm main',
    'deb http://mirror.test/debian bookworm-backports main',
    'Types: deb\nURIs: http://off.test/debian\nSuites: bookworm\nComponents: main\nEnabled: no',
  ]
  expect(debianSources(others)).toEqual([])
})

test('addresses with a login are left out: the sources become part of images', () => {
  const text = 'deb https://me:s3cret@mirror.test/debian trixie main\ndeb http://open.test/@debian trixie main\n'
  expect(debianSources([text, deb822.replaceAll('http://', 'http://token@')])).toEqual([
    { uri: 'http://open.test/@debian', pocket: '' },
  ])
})

test('an image gets its release from the mirror of the machine', () => {
  expect(imageSources(debianSources([deb822]), 'trixie')).toContain(
    'URIs: http://mirror.test/debian-security\nSuites: trixie-security\n',
  )
})

test('settings for reaching the archives are copied, and credentials are not', () => {
  const dump = [
    'APT::Architecture "amd64";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::http::Proxy "http://proxy.test:3128";',
    'Acquire::https::Proxy "http://me:secret@proxy.test:3128";',
  ].join('\n')
  expect(accessSettings(dump)).toBe(
    'Acquire::Check-Valid-Until "false";\nAcquire::http::Proxy "http://proxy.test:3128";\n',
  )
})
