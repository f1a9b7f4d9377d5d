/**
 * RabbitMQ 4. In the long runs, because it takes long to build.
 * @module-tag long
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildKit } from '../../../src/kit/kit.ts'
import { docker } from '../../support/docker.ts'
import { kitWithEmptyCache, runner } from './temporary-kit.ts'

const name = `devk-kit-test-rabbitmq-${process.pid}`
const image = 'rabbitmq:4-management'

beforeAll(async () => {
  const { deps, remove } = await kitWithEmptyCache()
  await buildKit(deps, { only: [image], signal: AbortSignal.timeout(290_000) }).finally(remove)
  const user = ['-e', 'RABBITMQ_DEFAULT_USER=erp', '-e', `RABBITMQ_DEFAULT_PASS=p w'"$x`]
  await docker('run', '-d', '--name', name, ...user, '-e', 'RABBITMQ_ERLANG_COOKIE=shared', image)
})
afterAll(() => runner.run('docker', ['rm', '-f', '-v', name]))

const execInBroker = (...command: string[]) => runner.run('docker', ['exec', name, ...command])

/** The status line of the management API for the user `erp` with this password. */
async function overview(password: string): Promise<string> {
  const login = Buffer.from(`erp:${password}`).toString('base64')
  const request = `GET /api/overview HTTP/1.0\r\nAuthorization: Basic ${login}\r\n\r\n`
  const script = 'exec 3<>/dev/tcp/127.0.0.1/15672 && printf %s "$0" >&3 && head -n 1 <&3'
  return (await execInBroker('bash', '-c', script, request)).stdout.trim()
}

test('the management API accepts the configured user and password, and no other password', async () => {
  await expect.poll(() => overview(`p w'"$x`), { timeout: 120_000, interval: 1000 }).toMatch(/ 200 /)
  expect(await overview('guest')).toMatch(/ 401 /)
})

test('rabbitmq-diagnostics ping succeeds, and the broker does not run as root', async () => {
  await expect
    .poll(async () => (await execInBroker('rabbitmq-diagnostics', '-q', 'ping')).stdout, { timeout: 90_000 })
    .toContain('succeeded')
  expect((await execInBroker('stat', '-c', '%U', '/proc/1')).stdout.trim()).toBe('rabbitmq')
  expect((await execInBroker('cat', '/var/lib/rabbitmq/.erlang.cookie')).stdout.trim()).toBe('shared')
})

test('the broker keeps its data in its volume', async () => {
  const volume = '{{range .Mounts}}{{.Destination}}{{end}}'
  expect(await docker('inspect', '--format', volume, name)).toBe('/var/lib/rabbitmq')
  expect((await execInBroker('ls', '/var/lib/rabbitmq/mnesia')).stdout).toContain('rabbit@')
})
