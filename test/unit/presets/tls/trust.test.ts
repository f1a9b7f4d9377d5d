import { expect, test } from 'vitest'
import { curlLine, trustSteps } from '../../../../src/presets/tls/trust.ts'

const authority = { file: '/d/ca.crt', sha1: 'AB12' }
const stepsOn = (platform: NodeJS.Platform, ...programs: string[]) =>
  trustSteps('install', platform, authority, new Set(programs))
const undoneOn = (platform: NodeJS.Platform, ...programs: string[]) =>
  trustSteps('remove', platform, authority, new Set(programs))

test('each system has its own commands, and some need root', () => {
  expect(stepsOn('linux', 'trust', 'update-ca-certificates')).toMatchObject({
    root: true,
    commands: [
      ['install', '-m', '644', '/d/ca.crt', '/usr/local/share/ca-certificates/devk.crt'],
      ['update-ca-certificates'],
    ],
  })
  expect(stepsOn('linux', 'trust')?.commands).toEqual([['trust', 'anchor', '--store', '/d/ca.crt']])
  expect(stepsOn('linux')).toBe(undefined)
  expect(stepsOn('darwin')).toMatchObject({ root: false, commands: [expect.arrayContaining(['add-trusted-cert'])] })
  expect(stepsOn('win32')?.root).toBe(false)
})

test('each system removes only this authority', () => {
  expect(undoneOn('linux', 'update-ca-certificates')).toMatchObject({
    commands: [['rm', '-f', '/usr/local/share/ca-certificates/devk.crt'], ['update-ca-certificates']],
    also: expect.stringMatching(/nssdb -D -n devk$/),
  })
  expect(undoneOn('linux', 'trust')?.commands).toEqual([['trust', 'anchor', '--remove', '/d/ca.crt']])
  for (const platform of ['darwin', 'win32'] as const) expect(undoneOn(platform)?.commands[0]).toContain('AB12')
})

test('the curl command resolves other host names to this machine', () => {
  expect(curlLine('/d/ca.crt', 'shop.localhost', 443)).toBe('curl --cacert /d/ca.crt https://shop.localhost')
  expect(curlLine('/d/ca.crt', 'shop.localhost', 8443)).toBe('curl --cacert /d/ca.crt https://shop.localhost:8443')
  expect(curlLine('/d/ca.crt', 'api.example.com', 8443)).toBe(
    'curl --cacert /d/ca.crt --connect-to ::127.0.0.1:8443 https://api.example.com',
  )
})
