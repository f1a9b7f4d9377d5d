import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { apiServerReady } from '../../../src/cluster/ready.ts'
import { createAuthority } from '../../../src/presets/tls/authority.ts'
import { issue } from '../../../src/presets/tls/x509.ts'

const ready = (file: string) => apiServerReady(file, 'kind-todo', AbortSignal.timeout(10_000))

/** A server that answers /readyz with this status, and a kubeconfig with its address and certificate authority. */
async function apiServer(status: number) {
  const now = new Date()
  const authority = await createAuthority(['localhost'], now)
  const validity = { from: now, to: new Date(now.getTime() + 60_000) }
  const { certificate, key } = await issue(authority, ['localhost'], validity)
  const server = createServer({ cert: certificate, key }, ({ url }, answer) => {
    answer.writeHead(url === '/readyz' ? status : 404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = await mkdtemp(join(tmpdir(), 'devk-ready-'))
  onTestFinished(async () => {
    server.close()
    await rm(folder, { recursive: true, force: true })
  })
  const file = join(folder, 'kubeconfig')
  const write = (ca: string) => {
    const address = `https://localhost:${(server.address() as AddressInfo).port}`
    const cluster = { server: address, 'certificate-authority-data': Buffer.from(ca).toString('base64') }
    const config = {
      contexts: [{ name: 'kind-todo', context: { cluster: 'kind-todo', user: 'kind-todo' } }],
      clusters: [{ name: 'kind-todo', cluster }],
      users: [{ name: 'kind-todo', user: {} }],
    }
    return writeFile(file, JSON.stringify(config))
  }
  await write(authority.certificate)
  return { file, write, close: () => server.close() }
}

test('an API server is ready when /readyz says so', async () => {
  expect(await ready((await apiServer(200)).file)).toBe(true)
  expect(await ready((await apiServer(500)).file)).toBe(false)
})

test('another cluster, no server, no kubeconfig and an invalid kubeconfig are not ready', async () => {
  const { file, write, close } = await apiServer(200)
  await write((await createAuthority(['localhost'], new Date())).certificate)
  expect(await ready(file)).toBe(false)
  close()
  expect(await ready(file)).toBe(false)
  expect(await ready(`${file}.none`)).toBe(false)
  await writeFile(file, 'current-context: kind-todo\n')
  expect(await ready(file)).toBe(false)
})
