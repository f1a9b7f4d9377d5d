/**
 * The preset tls: the local certificate authority and its certificates.
 * @module-tag platform-images
 */
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issuerOf } from '../../../src/presets/tls/issuer.ts'
import type { Finished } from '../support/devk.ts'
import { eventually } from '../support/eventually.ts'
import { requestHost } from '../support/http.ts'
import { leftovers } from '../support/leftovers.ts'
import { copyExample, type ExampleProject } from '../support/projects/example-project.ts'

const project = 'tls-e2e'
const port = 31_453
const plainPort = 31_090

let example: ExampleProject
let data: string
/** The authority for local names, and the one that also signs for those that the test agrees to. */
let local: string
let agreed: string
/** Both, as pods have them. */
let authority: string
let up: Finished

/** Runs devk with a data folder of the test, so that it does not use the certificate authority of the user. */
const devk = (...args: string[]) => example.run(args, { env: { XDG_DATA_HOME: data } })

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'devk-data-'))
  example = await copyExample({ name: 'tls', project, changes: [], home: 'test/e2e/support/projects/tls' })
  // The answer of the user; events.example.com has none.
  expect((await devk('trust', '--host', 'api.example.com', '--yes')).exitCode).toBe(0)
  up = await devk('up', '--detach', '--yes', '--strict', '--timeout', '20m')
  expect(up.exitCode, up.stderr).toBe(0)
  local = await readFile(join(data, 'devk/ca/ca.crt'), 'utf8')
  agreed = await readFile(join(data, 'devk/ca-hosts/ca.crt'), 'utf8')
  authority = local + agreed
})

afterAll(async () => {
  await example.dispose()
  await rm(data, { recursive: true, force: true })
  expect(await leftovers(project)).toEqual([])
})

/** The certificate that the ingress serves for a host. Rejects when a client that trusts only the authorities would refuse it. */
function served(host: string, trusted: { ca?: string } = { ca: authority }): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: host, ...trusted }, () => {
      resolve(new X509Certificate(socket.getPeerX509Certificate()?.raw ?? ''))
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

/** What a program in the pod reads from a URL, or its error message. The program trusts the authority of SSL_CERT_FILE. */
async function fromPod(url: string): Promise<string> {
  const program = `
import urllib.request
try: print(urllib.request.urlopen(${JSON.stringify(url)}, timeout=10).read().decode())
except Exception as error: print(error)`
  return example.kubectl('exec', '-n', 'shop', 'deploy/web', '--', 'python', '-c', program)
}

/** The answer of the service behind the route of the preset's Gateway, asked on a port of this machine. */
function askRoute(at: number, trusted: { ca?: string } = {}): Promise<string> {
  return eventually(`route.localhost at ${at}`, 20, async () => {
    const { status, body } = await requestHost(at, { host: 'route.localhost', ...trusted })
    return status === 200 ? body.trim() : undefined
  })
}

const listeners = () =>
  example.kubectl('get', 'gateway', 'gateway', '-n', 'ingress-nginx', '-o', 'jsonpath={.spec.listeners[*].name}')

const corefile = () =>
  example.kubectl('get', 'configmap', 'coredns', '-n', 'kube-system', '-o', 'jsonpath={.data.Corefile}')

test.each(['api.example.com', 'shop.localhost', 'any.shop.localhost', 'web.localhost'])(
  'a client that trusts only the authorities accepts the certificate of %s',
  async (host) => {
    const certificate = await eventually(host, 20, () => served(host))
    expect(certificate.checkHost(host)).toBeDefined()
  },
)

test('each authority signs for its own hosts', async () => {
  await served('shop.localhost', { ca: local })
  await served('api.example.com', { ca: agreed })
  await expect(served('api.example.com', { ca: local })).rejects.toThrow()
})

test('a foreign host that nobody agreed to has no certificate, and up says how to agree', async () => {
  expect(up.stderr).toContain('events.example.com has no certificate')
  expect(up.stderr).toContain('devk trust --host events.example.com')
  expect(up.stderr).not.toContain('devk trust --host api.example.com')
  expect(await example.kubectl('get', 'secret', '-n', 'shop', '-o', 'name')).toBe('secret/api-tls\nsecret/shop-tls')
  await expect(served('events.example.com')).rejects.toThrow()
})

test('a client refuses a host that is not configured, and every host without the authority', async () => {
  await expect(served('bank.localhost')).rejects.toThrow()
  await expect(served('shop.localhost', {})).rejects.toMatchObject({
    code: expect.stringMatching(/UNABLE_TO_VERIFY|SELF_SIGNED/),
  })
})

test("a route of the preset's Gateway answers over HTTPS and over HTTP", async () => {
  expect(await listeners()).toBe('http https')
  expect(await askRoute(port, { ca: authority })).toBe('hello')
  expect(await askRoute(plainPort)).toBe('hello')
})

test('up shows how to use the authority, and which objects of cert-manager it replaces', async () => {
  expect(up.stderr).toContain(`curl --cacert ${join(data, 'devk/ca/ca.crt')} https://route.localhost:${port}`)
  expect(up.stderr).toContain('Certificate events')
  expect(up.stderr).toContain('ClusterIssuer letsencrypt-prod is left out')
  expect((await stat(join(data, 'devk/ca/ca.key'))).mode & 0o777).toBe(0o600)
})

test('trust shows the file and the fingerprint of the authority, and installs nothing', async () => {
  const report = JSON.parse((await devk('trust', '--json')).stdout)
  expect(report).toMatchObject({ file: join(data, 'devk/ca/ca.crt'), installed: false, agreed: ['api.example.com'] })
  expect(report.fingerprint).toBe(new X509Certificate(local).fingerprint256)
  expect(report.hosts.fingerprint).toBe(new X509Certificate(agreed).fingerprint256)
})

test('a pod reaches each host by its name, and localhost is still the pod', async () => {
  for (const host of ['shop.localhost', 'web.localhost', 'route.localhost', 'api.example.com']) {
    expect([host, await fromPod(`https://${host}/`)]).toEqual([host, 'hello'])
  }
  expect(await fromPod('http://localhost:8080/')).toBe('hello')
  expect(await fromPod('https://bank.localhost/')).toMatch(/CERTIFICATE_VERIFY_FAILED/)
})

test('a second up changes nothing', async () => {
  const again = await devk('up', '--detach', '--strict')
  expect(again.stderr).toContain('nothing changed')
})

test('up renews a certificate that expires soon, and the ingress serves the new one', async () => {
  const [folder, old] = [join(data, 'devk/ca'), () => Date.now() - 70 * 86_400_000]
  const hosts = ['*.shop.localhost', 'shop.localhost']
  const issuer = issuerOf({ folder, hostsFolder: `${folder}-hosts`, agreed: async () => [], clock: old, keep: true })
  const { pair } = await issuer.certificate(hosts, undefined)
  const [crt, key] = [pair.certificate, pair.key].map((text) => Buffer.from(text).toString('base64'))
  const patch = JSON.stringify({ data: { 'tls.crt': crt, 'tls.key': key } })
  await example.kubectl('patch', 'secret', 'shop-tls', '-n', 'shop', '--type=merge', '-p', patch)
  const serves = (wanted: (left: number) => boolean) => async () => {
    const { validToDate } = await served('shop.localhost')
    return wanted((validToDate.getTime() - Date.now()) / 86_400_000) || undefined
  }
  await eventually(
    'the old certificate',
    30,
    serves((days) => days < 30),
  )
  expect((await devk('up', '--detach', '--strict')).exitCode).toBe(0)
  await eventually(
    'the new certificate',
    30,
    serves((days) => days > 80),
  )
})

test('up without the preset deletes its certificates, and the route answers over HTTP only', async () => {
  await example.edit('platform.config.ts', "presets: ['ingress', 'tls']", "presets: ['ingress']")
  await rm(join(example.folder, 'k8s/cert-manager.yaml'))
  await example.edit('platform.config.ts', ", url: 'https://web.localhost:31453/'", '')
  await example.edit('k8s/web.yaml', 'configMap: { name: devk-ca }', 'emptyDir: {}')
  await devk('allow')
  const without = await devk('up', '--detach')
  expect(without.exitCode, without.stderr).toBe(0)
  expect(await example.kubectl('get', 'secret', '-n', 'shop', '-o', 'name')).toBe('')
  expect(await listeners()).toBe('http')
  expect(await askRoute(plainPort)).toBe('hello')
  await expect(requestHost(port, { host: 'route.localhost', ca: authority })).rejects.toThrow()
})

test('up without any preset removes the host names and the Gateway, and keeps the authority', async () => {
  expect(await corefile()).toContain('devk begin')
  await example.edit('platform.config.ts', "presets: ['ingress']", 'presets: []')
  await rm(join(example.folder, 'k8s/route.yaml'))
  await devk('allow')
  const without = await devk('up', '--detach')
  expect(without.exitCode, without.stderr).toBe(0)
  expect(await corefile()).not.toContain('devk')
  expect(await example.kubectl('get', 'crd', '-o', 'name')).toBe('')
  expect(await readFile(join(data, 'devk/ca/ca.crt'), 'utf8')).toBe(local)
})
