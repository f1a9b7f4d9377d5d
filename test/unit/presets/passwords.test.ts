import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { passwordsOf, passwordsSecret } from '../../../src/presets/passwords.ts'
import { passwordsOfEfk } from './efk.ts'

test('passwords are random, and those of the cluster stay', () => {
  const first = passwordsOf(undefined)
  expect(first.admin).toMatch(/^[\w-]{32}$/)
  expect(new Set([...Object.values(first), ...Object.values(passwordsOf(undefined))]).size).toBe(4)
  expect(passwordsOf(passwordsSecret('logging', 'mail', first))).toEqual(first)
  const damaged = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { admin: btoa('kept') } }
  expect(passwordsOf(damaged)).toEqual({ admin: 'kept', internal: expect.stringMatching(/^[\w-]{32}$/) })
})

/** Runs a script of a pod with a curl that writes down what it gets. */
async function run(script: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-efk-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'curl'), '#!/bin/sh\necho "arguments: $*"\ncat\n')
  await chmod(join(folder, 'curl'), 0o755)
  const env = {
    PATH: [folder, process.env.PATH].join(delimiter),
    ELASTIC_PASSWORD: 'of-elastic',
    KIBANA_PASSWORD: 'of-kibana',
  }
  return spawnSync('sh', ['-c', script], { env, encoding: 'utf8' }).stdout
}

test('Elasticsearch asks for the password of the Secret, and its clients have it', async () => {
  const { elasticsearch, kibana, collector, secret } = await passwordsOfEfk()
  expect(secret).toEqual(['admin', 'internal'])
  const from = (key: string) => ({ secretKeyRef: { name: 'logging-efk-passwords', key } })
  expect(elasticsearch.env).toMatchObject({ 'xpack.security.enabled': 'true', ELASTIC_PASSWORD: from('admin') })
  expect(kibana.env).toMatchObject({
    ELASTICSEARCH_USERNAME: 'kibana_system',
    ELASTICSEARCH_PASSWORD: from('internal'),
  })
  expect(collector.env).toMatchObject({ ELASTIC_PASSWORD: from('admin') })
  expect(collector.config).toMatchObject({
    http_user: 'elastic',
    http_passwd: expect.stringMatching(/^\$\{ELASTIC_PASSWORD\}$/),
  })
})

test('the scripts of the pods pass passwords on standard input, not in arguments', async () => {
  const { elasticsearch, kibana } = await passwordsOfEfk()
  const [probe, setUp] = [await run(elasticsearch.probe), await run(kibana.setUp)]
  const [probeArguments = '', ...probeInput] = probe.split('\n')
  expect(probeArguments).toMatch(/^arguments: --config - .*\/_cluster\/health\?wait_for_status=yellow&timeout=1s$/)
  expect(probeInput.join('\n').trim()).toBe('user = "elastic:of-elastic"')
  const [setUpArguments = '', ...setUpInput] = setUp.trim().split('\n')
  expect(setUpArguments).toMatch(/^arguments: --config - .*\/_security\/user\/kibana_system\/_password$/)
  expect(setUpInput).toEqual([
    'user = "elastic:of-elastic"',
    'header = "Content-Type: application/json"',
    'data = "{\\"password\\":\\"of-kibana\\"}"',
  ])
})
