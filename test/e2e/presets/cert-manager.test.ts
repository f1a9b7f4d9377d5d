/**
 * The preset cert-manager, which replaces the preset tls.
 * @module-tag slow-images
 */
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { leftovers } from '../support/leftovers.ts'
import { copyExample, type ExampleProject } from '../support/projects/example-project.ts'

const project = 'cert-manager-e2e'

let example: ExampleProject
let data: string

/** Runs devk with a data folder of the test, so that it does not use the certificate authority of the user. */
const devk = (...args: string[]) => example.run(args, { env: { XDG_DATA_HOME: data } })

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'devk-data-'))
  const changes = [
    ["['ingress', 'tls']", "['cert-manager']"],
    ["['31090:80', '31453:443']", "['31091:80', '31454:443']"],
    ['31453', '31454'],
  ] as const
  example = await copyExample({ name: 'tls', project, changes, home: 'test/e2e/support/projects/tls' })
  for (const host of ['api.example.com', 'events.example.com']) {
    expect((await devk('trust', '--host', host, '--yes')).exitCode).toBe(0)
  }
  const up = await devk('up', '--detach', '--yes', '--strict', '--timeout', '20m')
  expect(up.exitCode, up.stderr).toBe(0)
})

afterAll(async () => {
  await example.dispose()
  await rm(data, { recursive: true, force: true })
  expect(await leftovers(project)).toEqual([])
})

/** A key of a Secret, in base64. */
const secretOf = (name: string, key: string) =>
  example.kubectl('get', 'secret', name, '-n', 'shop', '-o', `jsonpath={.data.${key.replace('.', '\\.')}}`)

test.each([
  ['an annotated Ingress', 'api-tls', 'api.example.com'],
  ['a Certificate', 'events-tls', 'events.example.com'],
])('cert-manager issues a certificate below the root of this machine for %s', async (_what, secret, host) => {
  const text = await eventually(secret, 60, async () => (await secretOf(secret, 'tls.crt')) || undefined)
  const [leaf = '', below = ''] = Buffer.from(text, 'base64')
    .toString()
    .split(/(?<=-----END CERTIFICATE-----\n)/)
  const [certificate, intermediate] = [new X509Certificate(leaf), new X509Certificate(below)]
  const root = new X509Certificate(await readFile(join(data, 'devk/ca-hosts/ca.crt')))
  expect(certificate.checkIssued(intermediate) && certificate.verify(intermediate.publicKey)).toBe(true)
  expect(intermediate.checkIssued(root) && intermediate.verify(root.publicKey)).toBe(true)
  expect(certificate.checkHost(host)).toBe(host)
  const owner = `jsonpath={.metadata.annotations.cert-manager\\.io/issuer-name}`
  expect(await example.kubectl('get', 'secret', secret, '-n', 'shop', '-o', owner)).toBe('letsencrypt-prod')
})

test("the cluster has an authority of 90 days, and never the root's key", async () => {
  const own = ['get', 'secret', 'devk-authority', '-n', 'cert-manager', '-o']
  const key = Buffer.from(await example.kubectl(...own, 'jsonpath={.data.tls\\.key}'), 'base64').toString()
  for (const folder of ['ca', 'ca-hosts']) {
    expect(await readFile(join(data, 'devk', folder, 'ca.key'), 'utf8')).not.toBe(key)
  }
  const crt = Buffer.from(await example.kubectl(...own, 'jsonpath={.data.tls\\.crt}'), 'base64')
  expect((new X509Certificate(crt).validToDate.getTime() - Date.now()) / 86_400_000).toBeCloseTo(90, 0)
})

test('devk issues the certificates that cert-manager is not asked for', async () => {
  const owner = `jsonpath={.metadata.labels.devk\\.dev/project}`
  expect(await example.kubectl('get', 'secret', 'shop-tls', '-n', 'shop', '-o', owner)).toBe(project)
})

test('the webhook of cert-manager refuses an invalid Certificate', async () => {
  const wrong = JSON.stringify({ spec: { issuerRef: { name: '' } } })
  await expect(
    example.kubectl('patch', 'certificate', 'events', '-n', 'shop', '--type=merge', '-p', wrong),
  ).rejects.toThrow(/webhook.cert-manager.io/)
})

test('a second up changes nothing', async () => {
  expect((await devk('up', '--detach', '--strict')).stderr).toContain('nothing changed')
})
