import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { extractContext, kubeconfigFiles, rewriteKubeconfig } from '../../../src/cluster/kubeconfig.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'devk-kubeconfig-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})

const file = (name: string, content: object | string) => {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : stringify(content))
  return join(folder, name)
}

const extract = (files: readonly string[], context: string, key = 'digest-key') =>
  extractContext({ files, keyFile: join(folder, key) }, context)

const login = {
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: './bin/login',
    args: ['--cluster', 'x'],
    env: [{ name: 'ROLE', value: 'dev' }],
    interactiveMode: 'IfAvailable',
  },
}
const config = {
  'current-context': 'other',
  contexts: [
    { name: 'other', context: { cluster: 'other', user: 'other' } },
    { name: 'dev', context: { cluster: 'eks', user: 'me', namespace: 'mine' } },
  ],
  clusters: [
    { name: 'other', cluster: { server: 'https://other' } },
    {
      name: 'eks',
      cluster: { server: 'https://eks.example.com/', 'certificate-authority': 'ca.pem', 'proxy-url': 'http://p' },
    },
  ],
  users: [{ name: 'me', user: login }],
}

test('one context is extracted with its login plugin, proxy and paths', async () => {
  const { facts, text } = await extract([file('config', config)], 'dev')
  expect(facts).toEqual({
    context: 'dev',
    cluster: 'eks',
    server: 'https://eks.example.com',
    access: expect.stringMatching(
      /^the user me, the login plugin .*\/bin\/login \(settings [0-9a-f]{12}\), the proxy http:/,
    ),
  })
  // The private copy that devk makes says the same: later commands compare it with what the user agreed to.
  expect((await extract([file('copy', parse(text))], 'dev')).facts).toEqual(facts)
  expect(parse(text)).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'dev',
    contexts: [config.contexts[1]],
    clusters: [
      { name: 'eks', cluster: { ...config.clusters[1]?.cluster, 'certificate-authority': join(folder, 'ca.pem') } },
    ],
    users: [{ name: 'me', user: { exec: { ...login.exec, command: join(folder, 'bin/login') } } }],
  })
})

test('every setting of a login plugin counts, and a renewed token does not', async () => {
  const access = async (user: object) =>
    (await extract([file('config', { ...config, users: [{ name: 'me', user }] })], 'dev')).facts.access
  const exec = { command: 'aws', args: ['eks'], env: [{ name: 'AWS_PROFILE', value: 'dev' }] }
  const all = [exec, { ...exec, args: ['sts'] }, { ...exec, env: [] }, { ...exec, command: 'aws2' }]
  const found = new Set<string>()
  for (const each of all) found.add(await access({ exec: each }))
  expect(found.size).toBe(4)
  expect(await access({ exec })).not.toContain('AWS_PROFILE')
  expect(await access({ token: 'one' })).toBe(await access({ token: 'two' }))
})

test('the environment of a login plugin cannot be guessed from its digest', async () => {
  const accessOf = async (key: string) => (await extract([file('config', config)], 'dev', key)).facts.access
  const guess = createHash('sha256').update(JSON.stringify({ ...login.exec, command: join(folder, 'bin/login') }))
  const mine = await accessOf('digest-key')
  expect(mine).not.toContain(guess.digest('hex').slice(0, 12))
  expect([await accessOf('digest-key'), (await accessOf('key-of-another-user')) === mine]).toEqual([mine, false])
})

test('a login plugin on PATH keeps its name', async () => {
  const users = [{ name: 'me', user: { exec: { command: 'aws' } } }]
  const { text } = await extract([file('config', { ...config, users })], 'dev')
  expect(parse(text).users[0].user.exec.command).toBe('aws')
})

test('the first kubeconfig with an entry wins, and a missing file is ignored', async () => {
  const first = file('first', {
    contexts: [{ name: 'dev', context: { cluster: 'eks', user: 'me' } }],
    users: config.users,
  })
  const { facts } = await extract([join(folder, 'gone'), first, file('second', config)], 'dev')
  expect(facts.server).toBe('https://eks.example.com')
})

test.each([
  ['no context of the name', { ...config }, 'deV2', /has no context "deV2"/, /Did you mean "dev"/],
  ['a context without its cluster', { ...config, clusters: [] }, 'dev', /refers to the cluster "eks"/, undefined],
  ['a context without its user', { ...config, users: [] }, 'dev', /refers to the user "me"/, undefined],
  [
    'a cluster without a server',
    { ...config, clusters: [{ name: 'eks', cluster: {} }] },
    'dev',
    /has no server/,
    undefined,
  ],
  ['no YAML', '{{{', 'dev', /is not valid YAML/, undefined],
])('%s is reported', async (_, content, context, message, hint) => {
  await expect(extract([file('config', content)], context)).rejects.toMatchObject({
    code: 'CLUSTER_MISSING',
    message: expect.stringMatching(message),
    ...(hint === undefined ? {} : { hint: expect.stringMatching(hint) }),
  })
})

test('the kubeconfig files are those that kubectl reads', () => {
  expect(kubeconfigFiles('/named', { KUBECONFIG: '/a' }, '/home/me')).toEqual(['/named'])
  expect(kubeconfigFiles(undefined, { KUBECONFIG: '/a::/b' }, '/home/me')).toEqual(['/a', '/b'])
  expect(kubeconfigFiles(undefined, { KUBECONFIG: '' }, '/home/me')).toEqual(['/home/me/.kube/config'])
})

test('what kind wrote is rewritten as JSON once, with the same content, for its owner only', async () => {
  const path = file('kubeconfig', 'apiVersion: v1\nkind: Config\nusers:\n- name: "ü \\"x\\""\n')
  await rewriteKubeconfig(path)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    users: [{ name: 'ü "x"' }],
  })
  const { ino, mode } = statSync(path)
  expect(mode & 0o777).toBe(0o600)
  await rewriteKubeconfig(path)
  expect(statSync(path).ino).toBe(ino)
})
