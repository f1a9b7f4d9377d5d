/** Programs and modules that a repository puts where tools look for theirs. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hostileRepository } from './support/hostile.ts'

const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n'

test('a configuration in YAML is data: nothing that lies around it, or that it names for import, is run', async () => {
  const hostile = await hostileRepository()
  await hostile.write({ 'data/platform.config.yaml': '$import: ../evil.js\nname: it\n' })
  const { exitCode } = await hostile.run('config', '--config', 'data/platform.config.yaml')
  await hostile.write({ 'data/platform.config.yaml': 'name: it\n' })
  expect([exitCode, (await hostile.run('config', '--config', 'data/platform.config.yaml')).exitCode]).toEqual([2, 0])
  expect(await hostile.marks()).toEqual([])
})

test.each([['doctor'], ['plan', '--config', 'data/platform.config.yaml']])(
  'devk %s starts no program of the repository, and remembers none',
  async (...args) => {
    const hostile = await hostileRepository()
    await hostile.write({
      'data/platform.config.yaml': 'name: it\ndeploy: { kustomize: k8s }\n',
      'data/k8s/kustomization.yaml': 'resources: [a.yaml]\n',
      'data/k8s/a.yaml': manifest,
    })
    await hostile.run(...args)
    const programs = (await hostile.marks()).filter((name) => /^(tools|node_modules)_/.test(name))
    expect([programs, await readdir(join(hostile.cache, 'devk/bin')).catch(() => [])]).toEqual([[], []])
  },
)
