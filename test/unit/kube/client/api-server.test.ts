import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readApiServer } from '../../../../src/kube/client/api-server.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-kubeconfig-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function kubeconfig(user: string, cluster = 'server: https://127.0.0.1:6443'): Promise<string> {
  const file = join(folder, 'kubeconfig')
  const text = `clusters: [{name: c, cluster: {${cluster}}}]
users: [{name: u, user: {${user}}}]
contexts: [{name: here, context: {cluster: c, user: u}}, {name: odd, context: {cluster: c, user: none}}]`
  await writeFile(file, text)
  return file
}

test('server, certificates and TLS options are read from a kubeconfig', async () => {
  await writeFile(join(folder, 'ca.crt'), 'CA')
  const cluster = 'server: https://127.0.0.1:6443, certificate-authority: ca.crt, tls-server-name: kubernetes'
  const file = await kubeconfig('client-certificate-data: Q0VSVA==, client-key-data: S0VZ', cluster)
  const { server, requests, headers } = await readApiServer(file, 'here')
  expect(server.href).toBe('https://127.0.0.1:6443/')
  const { ca, cert, key, servername } = (requests as Agent).options as Record<string, unknown>
  expect([ca, cert, key].map(String)).toEqual(['CA', 'CERT', 'KEY'])
  expect(servername).toBe('kubernetes')
  expect(await headers()).toEqual({})
})

test('a token is sent in the header', async () => {
  const { headers } = await readApiServer(await kubeconfig('token: abc'), 'here')
  expect(await headers()).toEqual({ Authorization: 'Bearer abc' })
})

test('a user with a password or a login plugin uses the client library', async () => {
  const { headers } = await readApiServer(await kubeconfig('username: me, password: secret'), 'here')
  expect(await headers()).toEqual({ Authorization: `Basic ${Buffer.from('me:secret').toString('base64')}` })
  // The import of the client library takes seconds on a busy machine.
}, 60_000)

test.each([
  ['nowhere', 'has no entry "nowhere" in its contexts'],
  ['odd', 'has no entry "none" in its users'],
])('the context %s is refused: %s', async (context, message) => {
  await expect(readApiServer(await kubeconfig('token: abc'), context)).rejects.toThrow(message)
})

test('a missing kubeconfig is an error', async () => {
  await expect(readApiServer(join(folder, 'none'), 'here')).rejects.toMatchObject({ code: 'CLUSTER_MISSING' })
})
