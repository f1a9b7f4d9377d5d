/** Manifests of an attacker, rendered by commands that a user calls to look. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hostileRepository } from './support/hostile.ts'

const config = ['--config', 'data/platform.config.yaml']

/** A file of the user that is not part of the repository. */
async function secretFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-attack-secret-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'id'), 'the private key')
  return join(folder, 'id')
}

test('a kustomization cannot read a file of the user into a ConfigMap', async () => {
  const hostile = await hostileRepository()
  const secret = await secretFile()
  await hostile.write({
    'data/platform.config.yaml': 'name: it\ndeploy: { kustomize: k8s }\n',
    'data/k8s/kustomization.yaml': `configMapGenerator:\n- name: a\n  files: ['${secret}']\n`,
  })
  const { exitCode, stdout, stderr } = await hostile.run('plan', ...config)
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('reaches out of its repository')])
  expect(stdout + stderr).not.toContain('private key')
})

// init writes what it understands, and names the address as an open point.
test.each([
  { args: ['plan', ...config], expected: 2 },
  { args: ['init', '--yes'], expected: 0 },
])('devk $args.0 does not fetch a remote base unasked', async ({ args, expected }) => {
  const hostile = await hostileRepository()
  const { server } = hostile
  await hostile.write({
    'data/platform.config.yaml': 'name: it\ndeploy: { kustomize: k8s }\n',
    'data/k8s/kustomization.yaml': `resources: ['http://${server}/a.yaml', 'http://${server}/b.git?ref=main']\n`,
  })
  // init writes a configuration only where there is none.
  await rm(join(hostile.folder, 'platform.config.ts'))
  const { exitCode, stderr } = await hostile.run(...args)
  expect([exitCode, hostile.connections()]).toEqual([expected, 0])
  expect(stderr).toContain(`http://${server}/a.yaml`)
})
