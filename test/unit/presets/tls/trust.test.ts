import { expect, test } from 'vitest'
import { type Anchor, curlLine, type TrustChange, trustSteps } from '../../../../src/presets/tls/trust.ts'

const anchor = (name: string): Anchor => ({ file: `/d/${name}.crt`, sha1: `1${name}`, sha256: `${name.repeat(16)}FF` })
const on = (change: Partial<TrustChange>, platform: NodeJS.Platform, ...programs: string[]) => {
  const steps = trustSteps({ install: [], remove: [], ...change }, platform, new Set(programs))
  return steps && { ...steps, commands: steps.commands.map(({ argv }) => argv.join(' ')) }
}
const place = '/usr/local/share/ca-certificates/devk'

test('each system has its own commands, and some need root', () => {
  const install = [anchor('A'), anchor('B')]
  expect(on({ install }, 'linux', 'trust', 'update-ca-certificates')).toMatchObject({
    root: true,
    commands: [
      `rm -f ${place}.crt`,
      `install -m 644 /d/A.crt ${place}-${'a'.repeat(16)}.crt`,
      `install -m 644 /d/B.crt ${place}-${'b'.repeat(16)}.crt`,
      'update-ca-certificates',
    ],
  })
  expect(on({ install }, 'linux', 'trust')?.commands).toEqual(['A', 'B'].map((n) => `trust anchor --store /d/${n}.crt`))
  expect(on({ install }, 'linux')).toBe(undefined)
  expect(on({ install }, 'darwin')).toMatchObject({
    root: false,
    commands: [expect.stringMatching(/add-trusted-cert .*A\.crt$/), expect.stringMatching(/B\.crt$/)],
  })
  expect(on({ install }, 'win32')?.root).toBe(false)
})

test('each system removes only these authorities', () => {
  const remove = [anchor('A'), anchor('B')]
  expect(on({ remove }, 'linux', 'update-ca-certificates')).toMatchObject({
    commands: [
      `rm -f ${place}-${'a'.repeat(16)}.crt ${place}-${'b'.repeat(16)}.crt ${place}.crt`,
      'update-ca-certificates',
    ],
    browsers: [expect.stringMatching(/nssdb -D -n devk-a{16}$/), expect.stringMatching(/-D -n devk-b{16}$/)],
  })
  expect(on({ remove }, 'linux', 'trust')?.commands).toEqual(['A', 'B'].map((n) => `trust anchor --remove /d/${n}.crt`))
  for (const platform of ['darwin', 'win32'] as const) {
    expect(on({ remove }, platform)?.commands).toEqual([expect.stringContaining('1A'), expect.stringContaining('1B')])
  }
})

test('an authority counts as removed once the command that removes it has succeeded', () => {
  const change = { install: [anchor('A')], remove: [anchor('B')] }
  const removedBy = (platform: NodeJS.Platform, ...programs: string[]) =>
    trustSteps(change, platform, new Set(programs))?.commands.map(({ removed }) => removed.length)
  expect(removedBy('darwin')).toEqual([0, 1])
  expect(removedBy('linux', 'trust')).toEqual([0, 1])
  expect(removedBy('linux', 'update-ca-certificates')).toEqual([0, 0, 1])
})

test('the curl command resolves other host names to this machine', () => {
  expect(curlLine('/d/ca.crt', 'shop.localhost', 443)).toBe('curl --cacert /d/ca.crt https://shop.localhost')
  expect(curlLine('/d/ca.crt', 'shop.localhost', 8443)).toBe('curl --cacert /d/ca.crt https://shop.localhost:8443')
  expect(curlLine('/d/ca.crt', 'api.example.com', 8443)).toBe(
    'curl --cacert /d/ca.crt --connect-to ::127.0.0.1:8443 https://api.example.com',
  )
})
