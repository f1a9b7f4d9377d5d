import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ForeignProject, foreignProject, pinnedNode } from '../support/installed-package.ts'

let project: ForeignProject
beforeAll(async () => {
  project = await foreignProject()
})
afterAll(() => project?.dispose())

/** What the bundled client makes of a kubeconfig with this user, and with this more said of the cluster. */
async function login(user: object, cluster: object = {}): Promise<unknown> {
  const chunks = join(project.folder, 'node_modules/devk/dist/chunks')
  const chunk = (await readdir(chunks)).find((name) => name.startsWith('auth-'))
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  }
  await writeFile(join(project.folder, 'kubeconfig'), JSON.stringify(config))
  const script = `
    import { pluginAuth } from ${JSON.stringify(`file://${encodeURI(join(chunks, chunk ?? 'none'))}`)}
    const { agent, headers } = await pluginAuth('kubeconfig', 'x')
    console.log(JSON.stringify({ agent: agent.constructor.name, headers: await headers() }))`
  const { stdout, stderr } = await project.run(pinnedNode, 'node', ['--input-type=module', '--eval', script])
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

test('the bundled part of the Kubernetes client logs in with a credential plugin', async () => {
  const credential = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: 'secret' },
  }
  const exec = { apiVersion: credential.apiVersion, command: 'echo', args: [JSON.stringify(credential)] }
  expect(await login({ exec })).toEqual({ agent: 'Agent', headers: { Authorization: 'Bearer secret' } })
})

test('and with a password, through proxies', async () => {
  const user = { username: 'me', password: 'secret' }
  const headers = { Authorization: `Basic ${Buffer.from('me:secret').toString('base64')}` }
  expect(await login(user, { 'proxy-url': 'http://127.0.0.1:3128' })).toEqual({ agent: 'HttpsProxyAgent', headers })
  expect(await login(user, { 'proxy-url': 'socks5://127.0.0.1:1080' })).toEqual({ agent: 'SocksProxyAgent', headers })
})
