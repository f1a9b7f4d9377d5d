import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leftovers } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { type Example, exampleProject } from '../support/example.ts'

const project = 'cert-manager-e2e'

let example: Example
let data: string

/** With a data folder of the test's own, so that the user's own authority has no part in it. */
const devk = (...args: string[]) => example.run(args, { env: { XDG_DATA_HOME: data } })

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'devk-data-'))
  const changes = [
    ["['ingress', 'tls']", "['cert-manager']"],
    ["['31090:80', '31453:443']", "['31091:80', '31454:443']"],
    ['31453', '31454'],
  ] as const
  example = await exampleProject({ name: 'tls', project, changes, home: 'test/e2e/support/tls' })
  const up = await devk('up', '--detach', '--yes', '--strict', '--timeout', '20m')
  expect(up.exitCode, up.stderr).toBe(0)
})

afterAll(async () => {
  await example.dispose()
  await rm(data, { recursive: true, force: true })
  expect(await leftovers(project)).toEqual([])
})

const secretOf = (name: string, key: string) =>
  example.kubectl('get', 'secret', name, '-n', 'shop', '-o', `jsonpath={.data.${key.replace('.', '\\.')}}`)

test.each([
  ['an annotated Ingress', 'api-tls', 'api.example.com'],
  ['a Certificate', 'events-tls', 'events.example.com'],
])('cert-manager issues what %s asks for, from the local authority', async (_what, secret, host) => {
  const text = await eventually(secret, 60, async () => (await secretOf(secret, 'tls.crt')) || undefined)
  const certificate = new X509Certificate(Buffer.from(text, 'base64'))
  const root = new X509Certificate(await readFile(join(data, 'devk/ca/ca.crt')))
  expect(certificate.checkIssued(root) && certificate.verify(root.publicKey)).toBe(true)
  expect(certificate.checkHost(host)).toBe(host)
  const owner = `jsonpath={.metadata.annotations.cert-manager\\.io/issuer-name}`
  expect(await example.kubectl('get', 'secret', secret, '-n', 'shop', '-o', owner)).toBe('letsencrypt-prod')
})

test('what nobody asks cert-manager for, devk issues', async () => {
  const owner = `jsonpath={.metadata.labels.devk\\.dev/project}`
  expect(await example.kubectl('get', 'secret', 'shop-tls', '-n', 'shop', '-o', owner)).toBe(project)
})

test('its webhook refuses what is wrong', async () => {
  const wrong = JSON.stringify({ spec: { issuerRef: { name: '' } } })
  await expect(
    example.kubectl('patch', 'certificate', 'events', '-n', 'shop', '--type=merge', '-p', wrong),
  ).rejects.toThrow(/webhook.cert-manager.io/)
})

test('a second up changes nothing', async () => {
  expect((await devk('up', '--detach', '--strict')).stderr).toContain('nothing changed')
})
