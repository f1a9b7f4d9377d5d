import { afterAll, expect, test } from 'vitest'
import { buildKit } from '../../../src/kit/kit.ts'
import { docker } from '../../support/docker.ts'
import { kitWithEmptyCache } from './temporary-kit.ts'

const image = 'kindest/haproxy:v20230606-42a2262b'
let name: string | undefined

afterAll(async () => {
  if (name !== undefined) await docker('rm', '-f', '-v', name)
})

test('the load balancer reloads its configuration on kill -s HUP 1, as kind does it', async () => {
  const { deps, remove } = await kitWithEmptyCache()
  try {
    await buildKit(deps, { only: [image], signal: AbortSignal.timeout(110_000) })
  } finally {
    await remove()
  }
  const started = await docker('run', '-d', image)
  name = started
  // Ports are hexadecimal; state 0A is a listening socket.
  const listens = (port: string) =>
    expect
      .poll(() => docker('exec', started, 'cat', '/proc/net/tcp'), { timeout: 20_000 })
      .toContain(`:${port} 00000000:0000 0A`)
  await listens('0001')
  const file = '/usr/local/etc/haproxy/haproxy.cfg'
  await docker('exec', started, 'sed', '-i', 's/bind \\*:1$/bind *:6443/', file)
  await docker('exec', '--privileged', started, 'kill', '-s', 'HUP', '1')
  await listens('192B')
})
