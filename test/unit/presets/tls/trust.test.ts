import { expect, test } from 'vitest'
import { curlLine, trustSteps } from '../../../../src/presets/tls/trust.ts'

test('each system has its own way, and some need root', () => {
  const commands = (platform: NodeJS.Platform, ...programs: string[]) =>
    trustSteps(platform, '/d/ca.crt', new Set(programs))
  expect(commands('linux', 'trust', 'update-ca-certificates')).toMatchObject({
    root: true,
    commands: [
      ['install', '-m', '644', '/d/ca.crt', '/usr/local/share/ca-certificates/devk.crt'],
      ['update-ca-certificates'],
    ],
  })
  expect(commands('linux', 'trust')?.commands).toEqual([['trust', 'anchor', '--store', '/d/ca.crt']])
  expect(commands('linux')).toBe(undefined)
  expect(commands('darwin')).toMatchObject({ root: false, commands: [expect.arrayContaining(['add-trusted-cert'])] })
  expect(commands('win32')?.root).toBe(false)
})

test('the line for curl leads other names here', () => {
  expect(curlLine('/d/ca.crt', 'shop.localhost', 443)).toBe('curl --cacert /d/ca.crt https://shop.localhost')
  expect(curlLine('/d/ca.crt', 'shop.localhost', 8443)).toBe('curl --cacert /d/ca.crt https://shop.localhost:8443')
  expect(curlLine('/d/ca.crt', 'api.example.com', 8443)).toBe(
    'curl --cacert /d/ca.crt --connect-to ::127.0.0.1:8443 https://api.example.com',
  )
})
